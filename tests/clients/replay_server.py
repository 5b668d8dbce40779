"""The replay server and its kin, and boto3's clients for them."""

import subprocess

import boto3
from botocore.config import Config

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
API_KEY = "bedrock-api-key-example"


def import_recordings(binary, directory, tapes):
    """Makes tapes of the recordings in a directory."""
    subprocess.run([binary, "import", str(directory), "--out", str(tapes)], check=True)


class Server:
    """A server as a process of its own, and its first line."""

    def __init__(self, binary, *arguments, environment=None):
        self.process = subprocess.Popen(
            [binary, *arguments], stdout=subprocess.PIPE, text=True, env=environment
        )
        line = self.process.stdout.readline()
        if not line.startswith("listening on http"):
            raise SystemExit(f"the first line of `{arguments[0]}` is {line!r}")
        self.url = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(timeout=10)
        assert status == 0, f"it ends with {status}"


class Replay(Server):
    """The replay server."""

    def __init__(self, binary, *arguments):
        super().__init__(binary, "replay", *arguments)


def client(service, url=None, key_id=KEY_ID, secret=SECRET):
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )
