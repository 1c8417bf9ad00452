// SPDX-License-Identifier: Apache-2.0

/// The server of a framework's image, in Python: HTTP in front of the public SageMaker Inference Toolkit's transformer, which loads the
/// user's `model_fn`, `input_fn`, `predict_fn` and `output_fn`, or stands in for those that he leaves out.
///
/// The toolkit's own server is a Java program that would have to be installed besides.
enum ServingProgram {
    static let text = """
        import http.server
        import importlib
        import io
        import os
        import sys
        import threading
        import traceback

        import numpy
        from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
        from sagemaker_inference.transformer import Transformer

        MODEL = "/opt/ml/model"


        class Handler(DefaultInferenceHandler):
            \"\"\"What the frameworks' images do where a script does not say.\"\"\"

            def default_model_fn(self, model_dir, context=None):
                if os.environ["SAGEBRUSH_FRAMEWORK"] == "pytorch":
                    import torch

                    return torch.jit.load(os.path.join(model_dir, "model.pt")).eval()
                raise NotImplementedError("The script has no model_fn(model_dir), which loads the model.")

            def default_input_fn(self, input_data, content_type, context=None):
                if content_type == "text/csv":
                    # Rows of numbers, one row too.
                    return numpy.loadtxt(io.StringIO(input_data), dtype=numpy.float32, delimiter=",", ndmin=2)
                return super().default_input_fn(input_data, content_type)

            def default_predict_fn(self, data, model, context=None):
                if os.environ["SAGEBRUSH_FRAMEWORK"] == "pytorch":
                    import torch

                    with torch.no_grad():
                        return model(torch.as_tensor(data, dtype=torch.float32)).numpy()
                return model.predict(data)


        class Context:
            \"\"\"One request, as the transformer asks for it.\"\"\"

            system_properties = {"model_dir": MODEL}

            def __init__(self, headers=None):
                self.headers, self.status, self.content_type = headers or {}, 200, "text/plain"
                self.request_processor = [self]

            def get_request_properties(self):
                return self.headers

            def set_response_content_type(self, _, content_type):
                self.content_type = content_type

            def set_response_status(self, code=200, phrase="", idx=0):
                self.status = code

            def report_status(self, code, reason_phrase=None):
                self.status = code


        class Server(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", content_type="text/plain"):
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.answer(200 if self.path == "/ping" else 404)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path != "/invocations":
                    return self.answer(404)
                if model is not None:
                    try:
                        with lock:
                            status, result, content_type = model.respond(body, self.headers)
                    except Exception:
                        traceback.print_exc()
                        status, result, content_type = 500, traceback.format_exc().encode(), "text/plain"
                    return self.answer(status, result, content_type)
                context = Context({name: value for name, value in self.headers.items()})
                with lock:
                    transformer._context = context
                    result = transformer.transform([{"body": body}], context)
                result = result[0] if isinstance(result, list) else result
                if not isinstance(result, (bytes, bytearray)):
                    result = str(result).encode()
                self.answer(context.status, bytes(result), str(context.content_type))


        def user_module():
            \"\"\"The script that says how to serve; None where there is none.\"\"\"
            name = os.path.splitext(os.environ.get("SAGEMAKER_PROGRAM") or "inference.py")[0]
            if not os.path.exists(os.path.join(os.environ["SAGEBRUSH_CODE"], name + ".py")):
                return None
            return importlib.import_module(name)


        sys.path.insert(0, os.environ["SAGEBRUSH_CODE"])
        lock = threading.Lock()
        model = transformer = None
        if os.environ["SAGEBRUSH_FRAMEWORK"] == "tensorflow":
            script = user_module()
            if not hasattr(script, "model_fn"):
                from tensorflow_serving import SavedModel

                model = SavedModel(MODEL)
                model.handlers = script
        if model is None:
            transformer = Transformer(default_inference_handler=Handler())
            transformer.validate_and_initialize(model_dir=MODEL, context=Context())
        http.server.ThreadingHTTPServer.request_queue_size = 128
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Server).serve_forever()

        """
}
