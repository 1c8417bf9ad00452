// SPDX-License-Identifier: Apache-2.0

/// What stands for TensorFlow Serving in the images that serve a SavedModel, in Python: its REST interface to `predict` (rows as
/// `instances`, columns as `inputs`), and the `input_handler` and `output_handler` of the user's `inference.py`.
///
/// Source: TensorFlow Serving's RESTful API; the public SageMaker TensorFlow Serving container's README.
enum TensorFlowServingProgram {
    static let text = """
        import collections
        import io
        import json
        import os

        import numpy
        import tensorflow

        Context = collections.namedtuple(
            "Context",
            "model_name model_version method rest_uri grpc_port custom_attributes request_content_type accept_header content_length")


        class Response:
            \"\"\"An answer of TensorFlow Serving's, as `requests` would give it to an output_handler.\"\"\"

            def __init__(self, status_code, content):
                self.status_code, self.content = status_code, content
                self.text = content.decode()
                self.ok = status_code < 400

            def json(self):
                return json.loads(self.text)


        def _number(text):
            try:
                return float(text)
            except ValueError:
                return text


        def _request_text(body, content_type):
            \"\"\"A request to TensorFlow Serving, of what the endpoint was sent.\"\"\"
            if content_type in ("application/json", "application/jsons", "application/jsonlines"):
                text = body.decode("utf-8").strip()
                try:
                    value = json.loads(text)
                except ValueError:
                    value = [json.loads(line) for line in text.split("\\n") if line.strip()]
                if isinstance(value, dict) and ("instances" in value or "inputs" in value):
                    return text
                return json.dumps({"instances": value if isinstance(value, list) else [value]})
            if content_type == "text/csv":
                lines = [line for line in body.decode("utf-8").splitlines() if line.strip()]
                return json.dumps({"instances": [[_number(cell) for cell in line.split(",")] for line in lines]})
            return None


        class SavedModel:
            def __init__(self, folder):
                folders = [path for path, _, names in os.walk(folder) if "saved_model.pb" in names]
                if not folders:
                    raise RuntimeError("The model's archive holds no saved_model.pb: save it with tensorflow.saved_model.save.")
                self.folder = max(folders, key=lambda path: (os.path.basename(path).zfill(20), path))
                self.model = tensorflow.saved_model.load(self.folder)
                self.handlers = None

            def _inputs(self, signature, request):
                specifications = signature.structured_input_signature[1]
                if "inputs" in request:
                    given = request["inputs"]
                    isNamed = isinstance(given, dict) and set(given) <= set(specifications)
                    columns = given if isNamed else {next(iter(specifications)): given}
                else:
                    rows = request["instances"]
                    if rows and isinstance(rows[0], dict):
                        columns = {name: [row[name] for row in rows] for name in rows[0]}
                    else:
                        columns = {next(iter(specifications)): rows}
                unknown = set(columns) ^ set(specifications)
                if unknown:
                    raise ValueError("Missing or unknown inputs: %s; there are: %s" % (sorted(unknown), sorted(specifications)))
                result = {}
                for name, specification in specifications.items():
                    value = numpy.array(columns[name], dtype=specification.dtype.as_numpy_dtype)
                    rank = specification.shape.rank
                    # TensorFlow Serving takes one row without its brackets where the model has one more dimension than it was sent.
                    if rank is not None and value.ndim == rank - 1:
                        value = value[None]
                    result[name] = tensorflow.constant(value, specification.dtype)
                return result

            def predict(self, text):
                \"\"\"The status and the answer to the text of a request.\"\"\"
                try:
                    request = json.loads(text)
                    name = request.get("signature_name", "serving_default")
                    if name not in self.model.signatures:
                        raise ValueError("Serving signature name: %r not found in signature def" % name)
                    if "instances" not in request and "inputs" not in request:
                        raise ValueError("JSON Value: Missing 'instances' or 'inputs' key")
                    signature = self.model.signatures[name]
                    results = signature(**self._inputs(signature, request))
                    outputs = {name: value.numpy().tolist() for name, value in results.items()}
                    if "inputs" in request:
                        answer = {"outputs": next(iter(outputs.values())) if len(outputs) == 1 else outputs}
                    elif len(outputs) == 1:
                        answer = {"predictions": next(iter(outputs.values()))}
                    else:
                        answer = {"predictions": [dict(zip(outputs, row)) for row in zip(*outputs.values())]}
                    return Response(200, json.dumps(answer, indent=4).encode())
                except Exception as error:
                    return Response(400, json.dumps({"error": str(error)}, indent=4).encode())

            def respond(self, body, headers):
                \"\"\"The status, body and type of the answer to one call of the endpoint.\"\"\"
                content_type = headers.get("Content-Type") or "application/json"
                accept = headers.get("Accept") or "application/json"
                context = Context(
                    "model", os.path.basename(self.folder), "predict", "", 0, headers.get("X-Amzn-SageMaker-Custom-Attributes") or "",
                    content_type, "application/json" if accept == "*/*" else accept, len(body))
                handlers = self.handlers
                if hasattr(handlers, "input_handler"):
                    request = handlers.input_handler(io.BytesIO(body), context)
                else:
                    request = _request_text(body, content_type.split(";")[0].strip())
                    if request is None:
                        return 415, ("unsupported content type %s" % content_type).encode(), "text/plain"
                answer = self.predict(request)
                if hasattr(handlers, "output_handler"):
                    result, kind = handlers.output_handler(answer, context)
                    return 200, result if isinstance(result, bytes) else str(result).encode(), kind
                return answer.status_code, answer.content, "application/json"

        """
}
