"""What botocore makes of AWS's shared config and credentials files.

    python botocore_profiles.py CASES.jsonl
    BEDROCK_WIRE_BOTOCORE_PROFILES=CASES.jsonl cargo test --lib client::profile

Writes one case a line: the two files, the profile asked for, and what botocore
reads: region, endpoints, switches, keys, that it would go on to the credential
chain, or that it refuses. botocore goes through its own providers in its own
order; those that call out or run a command are cut short where they have made
up their minds to. The forms are
those that files of this kind are found in; some hundred more are put together
at random, always the same ones. A case that says `differs` is one where
botocore and AWS's other SDKs disagree, or where refusing is safer: there the
test wants another reading than botocore's, namely `ours`.
"""

import json
import os
import pathlib
import random
import sys
import tempfile

import botocore.credentials
import botocore.exceptions
import botocore.session
from botocore.configprovider import ConfiguredEndpointProvider

ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEYS = f"aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"
CHAIN = (
    "role_arn",
    "credential_source",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "sso_account_id",
    "sso_role_name",
    "login_session",
    "credential_process",
)
# Those of which botocore asks whether they are there, and not what they are.
PRESENT = ("role_arn", "sso_account_id", "sso_role_name", "login_session", "credential_process")
SWITCHES = ("use_fips_endpoint", "use_dualstack_endpoint", "ignore_configured_endpoint_urls")
SERVICES = {"bedrock_runtime": "bedrock-runtime", "bedrock": "bedrock"}
EMPTY = {
    "region": None,
    "endpoints": {"bedrock_runtime": None, "bedrock": None},
    "switches": [None, None, None],
    "chain": False,
    "keys": None,
}
REFUSED = {"refused": True}


class Chain(Exception):
    """A provider has made up its mind to call out."""


def call_out(*_, **__):
    raise Chain


def cut_short():
    """Lets no provider get further than its decision."""
    theirs = botocore.credentials
    theirs.AssumeRoleProvider._load_creds_via_assume_role = call_out
    theirs.FileWebIdentityTokenLoader = call_out
    theirs.SSOProvider._resolve_sso_session_reference = call_out
    theirs.EC = theirs.LoginCredentialFetcher = call_out
    theirs.ProcessProvider._retrieve_credentials_using = call_out


def read(config, credentials, profile):
    """botocore's reading of the files in these paths."""
    os.environ["AWS_CONFIG_FILE"], os.environ["AWS_SHARED_CREDENTIALS_FILE"] = config, credentials
    session = botocore.session.Session(profile=profile)
    try:
        scoped = session.get_scoped_config()
        endpoints = {}
        for ours, theirs in SERVICES.items():
            provider = ConfiguredEndpointProvider(session.full_config, scoped, theirs, environ={})
            endpoints[ours] = provider.provide()
        chain, keys = False, None
        try:
            if found := session.get_credentials():
                keys = [found.access_key, found.secret_key, found.token]
        except Chain:
            chain = True
    except botocore.exceptions.BotoCoreError:
        return REFUSED
    return {
        "region": scoped.get("region") or None,
        "endpoints": endpoints,
        "switches": [scoped.get(name) for name in SWITCHES],
        "chain": chain,
        "keys": keys,
    }


def forms():
    """(name, config, credentials, profile) and, where we differ, (why, ours)."""
    yield "no files", None, None, None
    yield "no files, a profile asked for", None, None, "work"
    yield "empty files", "", "", None
    yield "default asked for and absent", "", "", "default"
    yield "default", "[default]\nregion = eu-west-1\n", None, None
    yield "profile default", "[profile default]\nregion = eu-west-1\n", None, None
    yield "a named profile", "[profile work]\nregion=eu-west-1\n", None, "work"
    yield "nothing from default", "[default]\nregion=eu-west-1\n[profile work]\n", None, "work"
    yield "without the word profile", "[work]\nregion=eu-west-1\n", None, "work"
    yield "glued to the word profile", "[profilework]\nregion=eu-west-1\n", None, "work"
    yield "two words", "[profile at work]\nregion=eu-west-1\n", None, "at work"
    for quote in "\"'":
        text = f"[profile {quote}at work{quote}]\nregion=eu-west-1\n"
        yield f"two words in {quote}", text, f"[at work]\n{KEYS}", "at work"
        yield f"one word in {quote}", f"[profile {quote}work{quote}]\nregion=eu-west-1\n", None, "work"
        yield f"only one {quote}", f"[profile {quote}work]\nregion=eu-west-1\n", None, "work"
    yield "all sorts of characters", "[profile a-b_c.d/e%f@g:h+i]\nregion=eu-west-1\n", None, "a-b_c.d/e%f@g:h+i"
    yield "not ASCII", "[profile größe]\nregion=eu-west-1\n", None, "größe"
    yield "tabs", "[profile\twork]\nregion\t=\teu-west-1\t\n", None, "work"
    yield "spaces around a name", "[profile   work   ]\nregion   =   eu-west-1   \n", None, "work"
    yield "names in other cases", "[profile Work]\nReGiOn = eu-west-1\n", None, "Work"
    yield "names of profiles have a case", "[profile Work]\nregion = eu-west-1\n", None, "work"
    yield "lines of Windows", "[default]\r\nregion = eu-west-1\r\noutput = json\r\n", None, None
    yield "no newline at the end", "[default]\nregion = eu-west-1", None, None
    yield "comments", "# a\n; b\n[default]\n#region = x\n;region = y\nregion = eu-west-1\n", None, None
    yield "indented comments", "[default]\n  # a\nregion = eu-west-1\n  ; b\noutput = json\n", None, None
    yield "a comment after a section", "[default] # mine\nregion = eu-west-1\n", None, None
    yield "a mark inside a value", "[default]\nendpoint_url = https://a.b/c#d;e\n", None, None
    yield "an equals sign in a value", f"[default]\nregion = a=b\n", None, None
    yield "an empty value", "[default]\nregion =\n", None, None
    yield "blank lines", "\n\n[default]\n\n  \nregion = eu-west-1\n\t\noutput = json\n", None, None
    yield "an indented profile", "[default]\n  region = eu-west-1\n  output = json\n", None, None
    yield "a colon", "[default]\nregion: eu-west-1\n", None, None
    yield "a colon before an equals sign", "[default]\nregion : a=b\n", None, None
    yield "an equals sign before a colon", "[default]\nregion = a:b\n", None, None
    yield "text after a section", "[default] mine\nregion = eu-west-1\n", None, None
    yield "a wrong line in our own", "[default]\nregion = eu-west-1\nnonsense\n", None, None
    yield "no equals sign", "[default]\nregion\n", None, None
    yield "no name", "[default]\n= eu-west-1\n", None, None
    yield "no section", "region = eu-west-1\n", None, None
    yield "no bracket", "[default\nregion = eu-west-1\n", None, None
    yield "a wrong line in credentials", "[default]\nregion = eu-west-1\n", "nonsense\n", None
    yield "sso-session is no profile", "[sso-session work]\nregion = eu-west-1\n", None, "work"
    yield "a value over two lines", "[default]\ncli_x = a\n  b\nregion = eu-west-1\n", None, None
    yield "nested settings", "[default]\ns3 =\n  region = x\n  endpoint_url = y\nregion = eu-west-1\n", None, None
    yield "nested without equals sign", "[default]\ns3 =\n  nonsense\nregion = eu-west-1\n", None, None

    services = "[services local]\nbedrock_runtime =\n  endpoint_url = http://127.0.0.1:1\n"
    profile = "[profile work]\nservices = local\n"
    both = profile + "endpoint_url = http://127.0.0.1:9\n"
    yield "services", profile + services, None, "work"
    yield "services before the profile", services + profile, None, "work"
    yield "services and endpoint_url", both + services, None, "work"
    yield "services that do not exist", both, None, "work"
    yield "services without ours", both + "[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:2\n", None, "work"
    yield "both services", profile + services + "bedrock =\n  endpoint_url = http://127.0.0.1:2\n", None, "work"
    yield "nested by tabs", profile + services.replace("  ", "\t"), None, "work"
    yield "nested after a comment", profile + services.replace("=\n  e", "=\n  # mine\n\n  e"), None, "work"
    yield "nested with more", profile + services + "  verify = no\n", None, "work"
    yield "services in quotes", profile + services.replace("local", '"local"'), None, "work"
    yield "services nobody uses", "[profile work]\n" + services, None, "work"
    yield "services in credentials", profile, f"[work]\n{KEYS}{services}", "work"
    yield "an empty endpoint of a service", both + services.replace("http://127.0.0.1:1", ""), None, "work"

    yield "keys in credentials", None, f"[default]\n{KEYS}", None
    yield "keys in config", f"[default]\n{KEYS}", None, None
    yield "keys with a token", None, f"[default]\n{KEYS}aws_session_token = a/b+c==\n", None
    yield "keys with the old token", None, f"[default]\n{KEYS}aws_security_token = a/b+c==\n", None
    yield "a token without keys", None, "[default]\naws_session_token = t\n", None
    yield "the same keys twice", f"[default]\n{KEYS}".replace(ID, "AKIDOTHER"), f"[default]\n{KEYS}", None
    yield "a token in the other file", "[default]\naws_session_token = t\n", f"[default]\n{KEYS}", None
    yield "an id alone", None, f"[default]\naws_access_key_id = {ID}\n", None
    yield "an id alone in config", f"[default]\naws_access_key_id = {ID}\n", None, None
    yield "keys of two files", f"[default]\naws_secret_access_key = {SECRET}\n", f"[default]\naws_access_key_id = {ID}\n", None
    yield "a profile in credentials only", "[default]\nregion = eu-west-1\n", f"[work]\n{KEYS}", "work"
    yield "region in credentials", "[profile work]\nregion = eu-west-1\n", f"[work]\nregion = eu-west-2\n{KEYS}", "work"
    yield "two profiles", "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-west-2\n", f"[work]\n{KEYS}", None
    for name in CHAIN:
        yield f"{name}", f"[profile work]\n{name} = x\n", None, "work"
        yield f"{name} and keys", f"[profile work]\n{name} = x\n", f"[work]\n{KEYS}", "work"
        yield f"{name} in credentials", None, f"[work]\n{name} = x\n{KEYS}", "work"
        yield f"{name} and keys in config", f"[profile work]\n{name} = x\n{KEYS}", None, "work"
        if name in PRESENT:
            why = "botocore asks whether it is there, and fails; empty is as good as absent"
            yield f"{name} empty", f"[profile work]\n{name} =\n", None, "work", why, EMPTY
        else:
            yield f"{name} empty", f"[profile work]\n{name} =\n", None, "work"
    text = "[profile work]\nrole_arn = x\nweb_identity_token_file = y\n"
    yield "a role with a web identity", text, f"[work]\n{KEYS}", "work"
    yield "a process and a login", "[profile work]\nlogin_session = x\ncredential_process = y\n", None, "work"
    for switch in SWITCHES:
        yield switch, f"[default]\n{switch} = true\n", None, None

    def ours(**members):
        return {**EMPTY, **members}

    west = ours(region="eu-west-1")
    why = "botocore keeps a comment after a value; the other SDKs cut it off"
    yield "a comment after a value", "[default]\nregion = eu-west-1 # here\n", None, None, why, west
    yield "another comment", "[default]\nregion = eu-west-1 ; here\n", None, None, why, west
    yield "a comment for a value", "[default]\nregion = # none\n", None, None, why, EMPTY
    why = "botocore refuses what comes twice; the other SDKs merge it"
    yield "a section twice", "[default]\nregion = x\n[default]\nregion = eu-west-1\n", None, None, why, west
    yield "a setting twice", "[default]\nregion = x\nRegion = eu-west-1\n", None, None, why, west
    why = "botocore takes the last; in the other SDKs `profile default` replaces `default`"
    text = "[profile default]\nregion = eu-west-1\n[default]\nregion = x\noutput = json\n"
    yield "default after profile default", text, None, None, why, west
    why = "a wrong line stops who asks for its section, and nobody else"
    text = "[default]\nregion = eu-west-1\n[profile work]\nnonsense\n"
    yield "a wrong line elsewhere", text, None, None, why, west
    why = "botocore would use a value of two lines"
    yield "a region over two lines", "[default]\nregion = eu-west-1\n  eu-west-2\n", None, None, why, REFUSED
    why = "botocore knows no other sections in credentials; the other SDKs ignore them"
    yield "profile in credentials", None, f"[profile work]\n{KEYS}", "profile work", why, REFUSED
    why = "botocore ignores a secret without an id"
    yield "a secret alone", None, f"[default]\naws_secret_access_key = {SECRET}\n", None, why, REFUSED
    why = "botocore refuses a byte order mark"
    yield "a byte order mark", "\ufeff[default]\nregion = eu-west-1\n", None, None, why, west


def made(rng):
    """A pair of files put together at random, of forms that all SDKs take."""

    def space():
        return rng.choice(["", " ", "  ", "\t", " \t "])

    def noise(indent=""):
        return rng.choice(["", "", "\n", f"{indent}# a = b\n", f"{indent}; [x]\n", " \t\n"])

    def setting(name, value):
        name = rng.choice([name, name.upper(), name.title()])
        return f"{name}{space()}={space()}{value}{space()}\n{noise()}"

    def settings(pairs):
        pairs = [pair for pair in pairs if rng.random() < 0.6]
        rng.shuffle(pairs)
        return "".join(setting(*pair) for pair in pairs)

    def urls(list_name):
        text = f"[services{rng.choice([' ', '  ', chr(9)])}{list_name}{space()}]\n"
        for service in rng.sample(["bedrock_runtime", "bedrock", "s3", "sts"], 3):
            indent = rng.choice([" ", "  ", "\t", "    "])
            text += f"{service}{space()}={space()}\n{noise(indent)}"
            for name in rng.sample(["endpoint_url", "verify", "x-y"], 2):
                text += f"{indent}{name}{space()}={space()}http://127.0.0.1:{rng.randrange(1, 99)}{space()}\n"
                text += noise(indent)
        return text

    names = ["default", "work", "at home", "x.y"]
    config, credentials = [], []
    for name in names:
        pairs = [(n, rng.choice(["true", "false"])) for n in SWITCHES]
        pairs += [("region", rng.choice(["eu-west-1", "us-east-1"])), ("output", "json")]
        pairs += [("endpoint_url", "https://example.com/a#b"), ("services", rng.choice(["one", "two"]))]
        if rng.random() < 0.4:
            pairs += [(name, "x") for name in rng.sample(CHAIN, 2)]
        title = f'profile "{name}"' if " " in name else f"profile {name}"
        own = settings(pairs)
        if rng.random() < 0.3:
            own += setting("aws_access_key_id", "AKIDCONFIG") + setting("aws_secret_access_key", "c")
        config.append((name if name == "default" else title, own))
        keys = [("aws_access_key_id", ID), ("aws_secret_access_key", SECRET)]
        if rng.random() < 0.5:
            keys += [("aws_session_token", "t/o+k==")]
        rng.shuffle(keys)
        if rng.random() < 0.6:
            credentials.append((name, "".join(setting(*pair) for pair in keys)))
    texts = [f"[{title}]\n{noise()}{body}" for title, body in config if rng.random() < 0.9]
    texts += [urls(name) for name in ("one", "two") if rng.random() < 0.8]
    rng.shuffle(texts)
    newline = rng.choice(["\n", "\r\n"])
    config = "".join(texts).replace("\n", newline)
    credentials = "".join(f"[{title}]\n{body}" for title, body in credentials)
    return config, credentials, rng.choice([None, *names])


def cases():
    yield from forms()
    rng = random.Random(20261121)
    for n in range(600):
        yield f"made {n}", *made(rng)


def main(path):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    cut_short()
    lines, differ = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["HOME"] = scratch
        for n, (name, config, credentials, profile, *other) in enumerate(cases()):
            paths = []
            for kind, text in ("config", config), ("credentials", credentials):
                paths.append(pathlib.Path(scratch, f"{kind}-{n}"))
                if text is not None:
                    paths[-1].write_bytes(text.encode())
            case = {"name": name, "config": config, "credentials": credentials, "profile": profile}
            case["botocore"] = read(*map(str, paths), profile)
            if other:
                case["differs"], case["ours"] = other
                differ += 1
            lines.append(json.dumps(case, ensure_ascii=False))
    pathlib.Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    refused = sum('"botocore": {"refused"' in line for line in lines)
    print(f"{len(lines)} cases, {refused} refused by botocore, {differ} to be read otherwise")


if __name__ == "__main__":
    main(sys.argv[1])
