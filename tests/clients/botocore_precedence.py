"""Who botocore asks as, from environment and shared files alone.

    python botocore_precedence.py OUT.jsonl

One line for each combination: the environment, and the scheme and access key
id of the request that boto3 would send, or null where it has none.
"""

import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

KEY = "bedrock-api-key-example"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PROFILES = f"""[default]
aws_access_key_id = AKIDDEFAULT
aws_secret_access_key = {SECRET}
[work]
aws_access_key_id = AKIDWORK
aws_secret_access_key = {SECRET}
"""
CHOICES = {
    "AWS_BEARER_TOKEN_BEDROCK": (None, KEY),
    "AWS_ACCESS_KEY_ID": (None, "AKIDENVIRONMENT"),
    "AWS_PROFILE": (None, "work"),
    "AWS_SHARED_CREDENTIALS_FILE": (None, "credentials"),
    "AWS_AUTH_SCHEME_PREFERENCE": (None, "sigv4", "httpBearerAuth", "sigv4a, sigv4"),
}


class Caught(Exception):
    pass


def ask():
    """In a process of its own: prints the proof of the request that would go out."""
    import boto3
    import botocore.exceptions

    def catch(request, **_):
        raise Caught(request.headers["Authorization"])

    try:
        client = boto3.client("bedrock-runtime", region_name="us-east-1")
        client.meta.events.register("before-send", catch)
        client.converse(modelId="m", messages=[{"role": "user", "content": [{"text": "hi"}]}])
    except Caught as caught:
        proof = caught.args[0]
        proof = proof.decode() if isinstance(proof, bytes) else proof
        if proof == f"Bearer {KEY}":
            print(json.dumps({"scheme": "Bearer", "id": None}))
        else:
            key_id = proof.split("Credential=")[1].split("/")[0]
            print(json.dumps({"scheme": "SigV4", "id": key_id}))
    except botocore.exceptions.BotoCoreError as error:
        print(json.dumps({"none": type(error).__name__}))


def main():
    lines = []
    with tempfile.TemporaryDirectory() as home:
        (pathlib.Path(home) / "credentials").write_text(PROFILES)
        for values in itertools.product(*CHOICES.values()):
            chosen = {name: value for name, value in zip(CHOICES, values) if value is not None}
            if "AWS_PROFILE" in chosen and "AWS_SHARED_CREDENTIALS_FILE" not in chosen:
                continue
            environment = {
                **chosen,
                "HOME": home,
                "PATH": os.environ["PATH"],
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": f"{home}/config",
                "AWS_SHARED_CREDENTIALS_FILE": f"{home}/{chosen.get('AWS_SHARED_CREDENTIALS_FILE', 'none')}",
            }
            if "AWS_ACCESS_KEY_ID" in chosen:
                environment["AWS_SECRET_ACCESS_KEY"] = SECRET
            command = [sys.executable, __file__, "--ask"]
            out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            lines.append(json.dumps({"environment": chosen, "files": PROFILES, "botocore": json.loads(out.stdout)}))
    pathlib.Path(sys.argv[1]).write_text("\n".join(lines) + "\n")
    print(f"botocore: {len(lines)} combinations")


if __name__ == "__main__":
    ask() if sys.argv[1] == "--ask" else main()
