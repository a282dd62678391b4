# Runs the `aws` CLI many times in one process: a line of JSON with its arguments in, a line with its outcome out.
import contextlib, io, json, sys
from awscli.clidriver import create_clidriver

driver = create_clidriver()
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = driver.main(json.loads(line))
    except SystemExit as exit:
        code = exit.code
    print(json.dumps({"code": code or 0, "stdout": out.getvalue(), "stderr": err.getvalue()}), flush=True)
