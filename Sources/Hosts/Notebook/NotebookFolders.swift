// SPDX-License-Identifier: Apache-2.0

import Foundation
import Wire
import World

/// What lies where in a started notebook instance, and the environment that its programs find.
struct NotebookFolders: Sendable {
    let process: HostProcess
    /// The instance's folder below the world's volumes.
    let volume: String
    /// The virtual environment with Jupyter.
    let runtime: String
    /// The world's folder.
    let world: String
    /// Whose instance it is, and where.
    let scope: Scope

    /// The user's home, which a stop empties.
    var home: String { process.folder + "/home/ec2-user" }
    /// The files that stay when the instance is stopped; `~/SageMaker`.
    var files: String { volume + "/SageMaker" }
    /// Says that `OnCreate` has been run.
    var createdMarkPath: String { volume + "/created" }
    var configuration: String { process.folder + "/jupyter/config" }
    var data: String { process.folder + "/jupyter/data" }
    /// Where Jupyter says at which port it listens.
    var runFiles: String { process.folder + "/jupyter/run" }
    private var commands: String { process.folder + "/bin" }
    private var python: String { process.folder + "/python" }
    private var settings: String { process.folder + "/sagemaker-config.yaml" }

    func scriptPath(_ hook: String) -> String { process.folder + "/" + hook }

    /// Makes the folders and the files in them that are ours.
    ///
    /// - Throws: what the file system says.
    func make() throws {
        let manager = FileManager.default
        let kernel = data + "/kernels/conda_python3"
        for folder in [home, files, configuration, runFiles, commands, python, kernel] {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }
        let link = home + "/SageMaker"
        try? manager.removeItem(atPath: link)
        try manager.createSymbolicLink(atPath: link, withDestinationPath: files)
        // The name under which the workshops' notebooks ask for their kernel.
        let specification: Value = [
            "argv": [.string(runtime + "/bin/python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": "conda_python3", "language": "python",
        ]
        try write(JSON.serialize(specification), to: kernel + "/kernel.json")
        try write(Self.sudo, to: commands + "/sudo", permissions: 0o700)
        // As in the service: scripts ask `aws configure get region`.
        try manager.createDirectory(atPath: home + "/.aws", withIntermediateDirectories: true)
        try write("[default]\nregion = \(scope.region)\n", to: home + "/.aws/config")
        try write(docker, to: commands + "/docker", permissions: 0o700)
        try write(Self.startup, to: python + "/sitecustomize.py")
        try write(Self.settings, to: settings)
    }

    private func write(_ text: String, to path: String, permissions: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
    }

    /// The environment of Jupyter, its kernels and the lifecycle scripts: this machine's without what would lead elsewhere, and the way
    /// to this world as the execution role.
    ///
    /// - Parameter base: the host's own environment.
    func variables(
        instance: NotebookInstanceRecord, endpoint: String, credentialsURL: String, credentialsToken: String,
        base: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] {
        let foreign = ["AWS_", "SAGEBRUSH_", "SAGEMAKER_", "JUPYTER", "PYTHON", "VIRTUAL_ENV", "XDG_", "IPYTHON"]
        var variables = base.filter { variable in !foreign.contains { variable.key.hasPrefix($0) } }
        variables["HOME"] = home
        variables["USER"] = "ec2-user"
        variables["PATH"] = [commands, runtime + "/bin", base["PATH"] ?? "/usr/bin:/bin"].joined(separator: ":")
        variables["SHELL"] = "/bin/bash"
        variables["PYTHONPATH"] = python
        variables["JUPYTER_CONFIG_DIR"] = configuration
        variables["JUPYTER_DATA_DIR"] = data
        variables["JUPYTER_RUNTIME_DIR"] = runFiles
        variables["AWS_ENDPOINT_URL"] = endpoint
        variables["AWS_REGION"] = instance.scope.region
        variables["AWS_DEFAULT_REGION"] = instance.scope.region
        variables["AWS_EC2_METADATA_DISABLED"] = "true"
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = credentialsURL
        variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = credentialsToken
        variables["SAGEMAKER_ADMIN_CONFIG_OVERRIDE"] = settings
        variables[HostProcess.marker] = process.id
        return variables
    }

    /// Lifecycle scripts become the user by `sudo -u ec2-user -i`; here they are he already.
    private static let sudo = """
        #!/bin/bash
        # In this instance there is one user: sudo's options say nothing here, and its command is run as it is.
        while [ $# -gt 0 ]; do
            case $1 in
            -u | -g | -h | -p | -C | -r | -t | -T | -U) shift 2 ;;
            --) shift; break ;;
            -*) shift ;;
            *=*) export "$1"; shift ;;
            *) break ;;
            esac
        done
        [ $# -gt 0 ] || exec /bin/bash
        exec "$@"

        """

    /// The notebooks' `docker` makes and pushes this world's images, as the execution role.
    private var docker: String {
        """
        #!\(runtime)/bin/python
        import json
        import os
        import sys
        import urllib.request

        request = urllib.request.Request(
            os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
            headers={"Authorization": os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN"]})
        keys = json.load(urllib.request.urlopen(request))
        os.environ["AWS_ACCESS_KEY_ID"] = keys["AccessKeyId"]
        os.environ["AWS_SECRET_ACCESS_KEY"] = keys["SecretAccessKey"]
        os.environ["AWS_SESSION_TOKEN"] = keys["Token"]
        os.environ["SAGEBRUSH_ACCOUNT"] = \(quoted(scope.account))
        os.environ["SAGEBRUSH_WORLD"] = \(quoted(world))
        del os.environ["AWS_ENDPOINT_URL"]
        program = \(quoted(HostLauncher.ownExecutable()))
        os.execv(program, [program, "docker"] + sys.argv[1:])

        """
    }

    /// A text as Python writes it.
    private func quoted(_ text: String) -> String { JSON.serialize(.string(text)) }

    /// The SageMaker SDK's settings: it reports to nobody what it is used for, as there is nobody to be reached.
    private static let settings = """
        SchemaVersion: "1.0"
        SageMaker:
          PythonSDK:
            Modules:
              TelemetryOptOut: true

        """

    /// Some clients name AWS's own addresses, whatever the environment says: those of the SageMaker SDK for STS.
    private static let startup = """
        import importlib.abc
        import importlib.util
        import os
        import sys
        import urllib.parse


        def _leads_to_aws(url):
            name = urllib.parse.urlsplit(url or "").hostname or ""
            return name.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


        class _Finder(importlib.abc.MetaPathFinder):
            \"\"\"Lets clients that are given an address of AWS's go to AWS_ENDPOINT_URL.\"\"\"

            def find_spec(self, name, path=None, target=None):
                if name != "botocore.session":
                    return None
                sys.meta_path.remove(self)
                spec = importlib.util.find_spec(name)
                load = spec.loader.exec_module

                def exec_module(module):
                    load(module)
                    create = module.Session.create_client

                    def create_client(session, *words, **options):
                        if os.environ.get("AWS_ENDPOINT_URL") and _leads_to_aws(options.get("endpoint_url")):
                            options["endpoint_url"] = None
                        return create(session, *words, **options)

                    module.Session.create_client = create_client

                spec.loader.exec_module = exec_module
                return spec


        sys.meta_path.insert(0, _Finder())

        """
}
