/**
 * The Python side of the sandbox: a module that runs before any agent code and then serves one guest for ever.
 *
 * Contract: `serve()` reads commands from file descriptor 0 and writes to file descriptor 1, one line each: C call, E
 * entered a library function, L left it, R result. It first throws away every module and object of the interpreter's
 * bridge to JavaScript.
 * Choices: the static check and the list of modules only give clear messages; the walls are the interpreter, the process
 * and its missing permissions. Names that the guest may change are bound beforehand, and built-ins come from a private
 * copy, so that patched modules do not reach the transport. Left open: a guest that walks the interpreter's frames can
 * report a use of a library function that did not happen, which it could as well bring about by calling it.
 *
 * @module
 */

/** Name of the module, and of its code in stack traces. */
export const PRELUDE_MODULE = "_whetstone";

const SOURCE = String.raw`
import ast, builtins, functools, json, os, random, sys, time, types
import calendar, collections, copy, datetime, itertools, math, re
import abc, array, base64, binascii, bisect, cmath, colorsys, contextlib, csv, dataclasses, decimal, difflib, enum, fnmatch
import fractions, graphlib, hashlib, heapq, hmac, html, html.entities, ipaddress, keyword, locale, numbers, operator, pprint, reprlib
import secrets, shlex, statistics, string, struct, textwrap, traceback, typing, unicodedata, urllib.parse, uuid, warnings, zlib

ALLOWED = frozenset('''__future__ abc array base64 binascii bisect calendar cmath collections colorsys contextlib copy csv
dataclasses datetime decimal difflib enum fnmatch fractions functools graphlib hashlib heapq hmac html ipaddress itertools json
keyword locale math numbers operator pprint random re reprlib secrets shlex statistics string struct textwrap time traceback
typing unicodedata urllib uuid warnings zlib'''.split())
REFUSED = ("open", "eval", "exec", "compile", "breakpoint", "__import__", "help")
BRIDGE = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "ctypes", "_ctypes", "webbrowser")
LONGEST_ARGUMENTS = 1000000
LONGEST_SOURCE = 40000  # the parser's stack holds the deepest nesting that so many characters can make
LONGEST_LIBRARY = 400000
FILE = "<python-input"

def make():
    make_encoder, scan = json.encoder.c_make_encoder, json.JSONDecoder().scan_once
    encode_text = json.encoder.encode_basestring_ascii
    dumps, walk, parse = json.dumps, ast.walk, ast.parse
    compile, exec, real_import = builtins.compile, builtins.exec, builtins.__import__
    real_print, wraps = builtins.print, functools.wraps
    os_read, os_write = os.read, os.write
    config = {"outputCharacters": 0}
    sources = {}
    state = {"step": 0, "depth": 0}

    # Compiled parts of json alone, which look up nothing that the guest can change.
    def not_json(value):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    def encode(value):
        return "".join(make_encoder({}, not_json, encode_text, None, ": ", ", ", False, False, False)(value, 0))

    def decode(text):
        return scan(text, 0)[0]

    def write(line):
        data = line.encode() + b"\n"
        while data:
            data = data[os_write(1, data):]

    def read():
        pieces = []
        while not pieces or not pieces[-1].endswith(b"\n"):
            pieces.append(os_read(0, 65536))
        return b"".join(pieces).decode()

    # Output
    class Output:
        encoding = "utf-8"
        def __init__(self):
            self.clear()
        def clear(self):
            self.pieces, self.kept, self.length, self.line_ended = [], 0, 0, False
        def write(self, text):
            if not isinstance(text, str):
                raise TypeError("write() argument must be str, not " + type(text).__name__)
            self.length += len(text)
            if text:
                self.line_ended = text[-1:] == "\n"
            room = config["outputCharacters"] + 2 - self.kept
            if room > 0:
                piece = text[:room]
                self.kept += len(piece)
                self.pieces.append(str(piece))
            return len(text)
        def flush(self):
            pass
        def isatty(self):
            return False
    output = Output()

    class Nowhere(Output):
        def write(self, text):
            return len(text)

    def show(value):
        if isinstance(value, (dict, list)):
            try:
                line = dumps(value, ensure_ascii=False, default=str)
                return line if len(line) < 100 else dumps(value, ensure_ascii=False, default=str, indent=1)
            except Exception:
                pass
        return str(value)

    def print(*values, sep=" ", end="\n", file=None, flush=False):
        if file is not None and file is not output:
            return real_print(*values, sep=sep, end=end, file=file, flush=flush)
        sep, end = " " if sep is None else sep, "\n" if end is None else end
        for part, name in ((sep, "sep"), (end, "end")):
            if not isinstance(part, str):
                raise TypeError(f"{name} must be None or a string, not {type(part).__name__}")
        output.write((show(values[0]) if len(values) == 1 else sep.join([str(value) for value in values])) + end)

    # APIs
    keywords = frozenset(("from", "in", "is", "as", "not", "with", "for", "if", "class", "def", "global", "return"))
    def make_api(app, api):
        name = f"{app}.{api}"
        def call(*positional, **arguments):
            if positional:
                raise Exception(f"{name} takes named arguments only, like apis.{name}(name=value); "
                    "positional arguments are not allowed")
            # A name that is a word of Python takes an underscore there: from_ stands for from.
            arguments = {named[:-1] if named[-1:] == "_" and named[:-1] in keywords else named: value
                for named, value in arguments.items()}
            try:
                sent = encode(arguments)
            except (TypeError, ValueError) as error:
                raise Exception(f"{name} takes JSON values only: {error}") from None
            if len(sent) > LONGEST_ARGUMENTS:
                raise Exception(f"The arguments of {name} are too long.")
            write("C" + encode([app, api, sent]))
            reply = read()
            status, body = int(reply[:3]), reply[3:-1]
            if status == 0:
                raise Exception(decode(body))
            if status >= 400:
                raise Exception(f"Response status code is {status}:\n{body}")
            return decode(body)
        call.__name__ = api
        call.__qualname__ = name
        return call

    def closed(what, names, make_one, title):
        made = {}
        class Closed:
            __slots__ = ()
            def __getattr__(self, name):
                if name in names:
                    if name not in made:
                        made[name] = make_one(name)
                    return made[name]
                if name.startswith("_"):
                    raise AttributeError(name)
                raise Exception(f"{what(name)} Allowed: {', '.join(names)}.")
            def __getitem__(self, name):
                return getattr(self, str(name))
            def __setattr__(self, name, value):
                raise TypeError(f"apis cannot be changed: {name}")
            def __delattr__(self, name):
                raise TypeError(f"apis cannot be changed: {name}")
            def __dir__(self):
                return list(names)
            def __repr__(self):
                return f"<{title}: {', '.join(names)}>"
        return Closed()

    def make_apis(apis):
        def app(name):
            return closed(lambda api: f"There is no API named {api} in the app {name}.", tuple(apis[name]),
                lambda api: make_api(name, api), name)
        return closed(lambda name: f"There is no app named {name}.", tuple(apis), app, "apis")

    # What agent code may name
    def refuse(message):
        def refused(*_, **__):
            raise Exception(message)
        return refused

    def guarded_import(name, globals=None, locals=None, fromlist=(), level=0):
        if level or name.partition(".")[0] not in ALLOWED:
            raise ImportError(f"Usage of the following module(s) is not allowed: {name}")
        return real_import(name, globals, locals, fromlist, level)

    def leave_program(code=None):
        raise SystemExit() if code is None else SystemExit(code)

    def guest_builtins():
        allowed = {name: value for name, value in vars(builtins).items()
            if name not in ("__loader__", "__spec__", "copyright", "credits", "license", "_")}
        for name in REFUSED:
            allowed[name] = refuse(f"Usage of the following function(s) is not allowed: {name}")
        allowed["input"] = refuse("input() is not available")
        allowed["exit"] = allowed["quit"] = leave_program
        allowed["print"] = print
        allowed["__import__"] = guarded_import
        return allowed

    def fresh_namespace():
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        names = vars(module)
        names.update(__builtins__=guest_builtins(), apis=make_apis(config["apis"]), json=json, re=re, math=math, random=random,
            datetime=datetime, calendar=calendar, itertools=itertools, Counter=collections.Counter,
            defaultdict=collections.defaultdict, deepcopy=copy.deepcopy, reduce=functools.reduce)
        return names

    # Checks before running
    def compiled(source, name, longest):
        """Code, or an ending."""
        if len(source) > longest:
            return None, {"ending": "syntax", "line": "", "message": f"the code is longer than {longest} characters"}
        try:
            tree = parse(source, name)
            modules, functions = {}, {}
            for node in walk(tree):
                if isinstance(node, ast.Import):
                    for alias in node.names:
                        if alias.name.partition(".")[0] not in ALLOWED:
                            modules[alias.name] = True
                elif isinstance(node, ast.ImportFrom):
                    module = "." * node.level + (node.module or "")
                    if node.level or module.partition(".")[0] not in ALLOWED:
                        modules[module] = True
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSED:
                    functions[node.func.id] = True
            if modules:
                return None, {"ending": "unsafe", "what": "module", "names": list(modules)}
            if functions:
                return None, {"ending": "unsafe", "what": "function", "names": list(functions)}
            return compile(tree, name, "exec"), None
        except SyntaxError as error:
            lines = source.split("\n")
            line = lines[error.lineno - 1] if error.lineno and error.lineno <= len(lines) else ""
            return None, {"ending": "syntax", "line": line[:1000], "message": str(error.msg)[:1000]}
        except (RecursionError, MemoryError):
            return None, {"ending": "syntax", "line": "", "message": "too many levels of nesting"}
        except ValueError as error:
            return None, {"ending": "syntax", "line": "", "message": str(error)[:1000]}

    # What went wrong
    def frames_of(error):
        shown, last, repeated = [], None, 0
        def end_repeat():
            if repeated > 3:
                shown.append(f"  [Previous line repeated {repeated - 3} more times]\n")
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            source = sources.get(code.co_filename)
            if source is not None:
                number = trace.tb_lineno or 0
                here = (code.co_filename, number, code.co_name)
                if here != last:
                    end_repeat()
                    last, repeated = here, 0
                repeated += 1
                if repeated <= 3:
                    line = source[number - 1].strip() if 0 < number <= len(source) else ""
                    shown.append(f'  File "{FILE}>", line {number}, in {code.co_name}\n    {line}\n')
            trace = trace.tb_next
        end_repeat()
        return "".join(shown)

    def describe(error):
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
        try:
            message = str(error)
        except Exception:
            message = f"<exception str() failed>"
        most = config["outputCharacters"] + 1
        return {"ending": "error", "frames": frames_of(error)[:most], "name": name[:200], "message": message[:most],
            "length": len(message)}

    # Library functions
    def instrument(name, inner):
        @wraps(inner)
        def outer(*args, **kwargs):
            index = state["depth"]
            state["depth"] = index + 1
            write("E" + encode(name))
            failed = True
            try:
                result = inner(*args, **kwargs)
                failed = False
                return result
            finally:
                state["depth"] = index
                write("L" + encode([index, failed]))
        return outer

    def run(command, names):
        loading = command["kind"] == "preload"
        source = command["source"] if loading else command["code"]
        state["step"] += 1
        state["depth"] = 0
        output.clear()
        sys.stdout, sys.stderr = output, Nowhere()
        name = f"{FILE}-{state['step']}>"
        code, refused = compiled(source, name, LONGEST_LIBRARY if loading else LONGEST_SOURCE)
        if refused is not None:
            return refused
        sources[name] = source.split("\n")
        before = dict(names) if loading else None
        try:
            exec(code, names)
        except BaseException as error:
            if before is not None:
                names.clear()
                names.update(before)
            ending = describe(error)
            error.__traceback__ = None
            return ending
        if loading:
            for name in command["names"]:
                inner = names.get(name)
                if isinstance(inner, types.FunctionType):
                    names[name] = instrument(name, inner)
            return {"ending": "ok", "output": "", "length": 0}
        # The end of the last line is no part of what is shown.
        length = output.length - output.line_ended
        return {"ending": "ok", "output": "".join(output.pieces)[:length], "length": length}

    def empty(thing):
        """Drops what an object of the bridge holds, down to the dictionaries among its fields."""
        fields = getattr(thing, "__dict__", None)
        if type(fields) is dict and "pyodide" in str(type(thing).__module__):
            for value in list(fields.values()):
                if type(value) in (dict, list, set):
                    value.clear()
            fields.clear()

    def close_bridge():
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in BRIDGE:
                empty(getattr(getattr(module, "__spec__", None), "loader", None))
                if type(module) is types.ModuleType:
                    vars(module).clear()
                sys.modules[name] = None
        for name in BRIDGE:
            sys.modules[name] = None
        for finders in (sys.meta_path, sys.path_hooks):
            for finder in list(finders):
                if "pyodide" in str(type(finder).__module__) + str(getattr(finder, "__module__", "")):
                    finders.remove(finder)
                    empty(finder)

    def serve():
        close_bridge()
        sys.modules.pop("_whetstone")
        config.update(decode(read()))
        time.sleep = lambda *_: None
        random.seed(sum(part << 32 * place for place, part in enumerate(config["seed"])))
        names = fresh_namespace()
        write("Y")
        while True:
            # An interrupt may strike in this loop itself; the one after it leaves time enough to answer.
            try:
                while True:
                    command = decode(read())
                    ending = run(command, names)
                    write("R" + encode(ending))
            except BaseException:
                write('R{"ending":"error","frames":"","name":"InternalError","message":"the interpreter is broken","length":25}')
    return serve

serve = make()
del make
`;

/** Script that defines the module. */
export const PYTHON_PRELUDE = `
import sys, types
_module = types.ModuleType(${JSON.stringify(PRELUDE_MODULE)})
vars(_module)["__builtins__"] = dict(vars(__import__("builtins")))
exec(compile(${JSON.stringify(SOURCE)}, ${JSON.stringify(`<${PRELUDE_MODULE}>`)}, "exec"), vars(_module))
sys.modules[${JSON.stringify(PRELUDE_MODULE)}] = _module
del sys, types, _module
`;
