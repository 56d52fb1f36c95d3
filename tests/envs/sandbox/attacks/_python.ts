/**
 * Hostile Python.
 *
 * Many of these begin where the static check ends: `REAL` reaches the interpreter's own builtins, and with them every
 * module.
 *
 * @module
 */
import type { Attack } from "./_attack.ts";

const REAL = "real = json.codecs.builtins\nimp = real.__import__\nsys = json.codecs.sys\nos = random._os\n";
/** Lets the modules that were closed off be imported again. */
const REOPEN =
  "for name in [name for name, module in sys.modules.items() if module is None]:\n    del sys.modules[name]\n";

const TIMED_OUT = /^Execution failed\. Traceback:\nExecution timed out after 1 seconds\.$/;
const STOPPED = /InternalError: the interpreter has stopped$/;
const NO_MEMORY = /MemoryError$/;
const NOT_THERE = /No such file or directory|Errno 44/;

export const PYTHON_ATTACKS: readonly Attack[] = [
  // Loops
  { name: "a plain loop", category: "loop", source: "while True: pass", sees: TIMED_OUT },
  {
    name: "a loop that catches everything",
    category: "loop",
    source: "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    sees: TIMED_OUT,
    ends: true,
  },
  {
    name: "a loop that goes on in finally",
    category: "loop",
    source: "try:\n    while True: pass\nfinally:\n    while True: pass",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in a generator",
    category: "loop",
    source: "for x in (y for y in itertools.count()): pass",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in a property",
    category: "loop",
    source: "class A:\n    @property\n    def x(self):\n        while True: pass\nA().x",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in __del__",
    category: "loop",
    source: "class A:\n    def __del__(self):\n        while True: pass\na = A()\ndel a",
    sees: TIMED_OUT,
  },
  {
    name: "a loop in an error's text",
    category: "loop",
    source: "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E()",
    sees: TIMED_OUT,
  },
  {
    name: "a regular expression that backtracks",
    category: "loop",
    source: "re.match('(a+)+$', 'a' * 40 + 'b')",
    sees: TIMED_OUT,
  },
  {
    name: "a sum without end, which asks for no interrupts",
    category: "loop",
    source: "sum(iter(int, 1))",
    sees: TIMED_OUT,
    ends: true,
  },
  {
    name: "a power of a power",
    category: "loop",
    source: "x = 9 ** 9 ** 9",
    sees: /timed out|MemoryError|OverflowError/,
    ends: true,
  },
  {
    name: "calls without end",
    category: "loop",
    source: "while True:\n    try: apis.a.b()\n    except Exception: pass",
    sees: TIMED_OUT,
  },
  {
    name: "a wait without end",
    category: "loop",
    source: `${REAL}lock = imp('_thread').allocate_lock()\nlock.acquire()\nlock.acquire(timeout=100)`,
    sees: /^Execution/,
    ends: true,
  },

  // Memory
  {
    name: "a list without end",
    category: "memory",
    source: "a = []\nwhile True: a.append('x' * 1000000)",
    sees: NO_MEMORY,
  },
  { name: "a huge buffer", category: "memory", source: "b = bytearray(2 ** 31 - 1)", sees: NO_MEMORY },
  { name: "a text too long", category: "memory", source: "s = 'x' * (10 ** 9)", sees: NO_MEMORY },
  { name: "a list made in one call", category: "memory", source: "list(itertools.repeat(0))", sees: NO_MEMORY },
  {
    name: "memory that is let go and taken again",
    category: "memory",
    source:
      "while True:\n    try:\n        a = []\n        while True: a.append('x' * 100000)\n    except MemoryError: a = None",
    sees: TIMED_OUT,
  },

  // Print
  { name: "a giant print", category: "print", source: "print('x' * 2000000)", sees: /\[cut 1998000 characters\]$/ },
  { name: "prints without end", category: "print", source: "while True: print('x')", sees: TIMED_OUT },
  {
    name: "a print of what holds itself",
    category: "print",
    source: "a = []\na.append(a)\nprint(a)",
    sees: /^\[\[\.\.\.\]\]$/,
  },

  // Recursion
  {
    name: "a function that calls itself",
    category: "recursion",
    source: "def f(): return f()\nf()",
    sees: /RecursionError/,
  },
  {
    name: "an attribute that asks for itself",
    category: "recursion",
    source: "class A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nA().y",
    sees: /RecursionError/,
  },
  {
    name: "a deep value",
    category: "recursion",
    source: "x = []\nfor i in range(100000): x = [x]\nprint(x)",
    sees: /RecursionError/,
  },
  { name: "deep JSON", category: "recursion", source: "json.loads('[' * 200000)", sees: /RecursionError/ },
  {
    name: "deep source",
    category: "recursion",
    source: `x = 1${"+1".repeat(5000)}`,
    sees: /Syntax error[^]*too many levels of nesting/,
  },
  {
    name: "a flood of source",
    category: "recursion",
    source: `x = '${"x".repeat(50_000)}'`,
    sees: /longer than 40000 characters/,
  },
  {
    name: "a chain of iterators that the interpreter does not guard",
    category: "recursion",
    source: "x = iter([])\nfor i in range(100000): x = map(str, x)\nlist(x)",
    sees: STOPPED,
    ends: true,
  },

  // Code from text
  {
    name: "eval and exec by name",
    category: "code from text",
    source: "eval('1'); exec('2')",
    sees: /function\(s\) is not allowed: eval, exec/,
  },
  {
    name: "eval by another name",
    category: "code from text",
    source: "e = eval\ne('1')",
    sees: /Exception: Usage of the following function\(s\) is not allowed: eval/,
  },
  {
    name: "eval of the interpreter, which leads nowhere",
    category: "code from text",
    source: `${REAL}print(real.eval('6 * 7'))`,
    sees: /^42$/,
  },

  // Imports
  {
    name: "dangerous modules by name",
    category: "import",
    source: "import js, os, subprocess\nfrom socket import socket\nimport ctypes, pyodide, pyodide_js, importlib",
    sees: /module\(s\) is not allowed: js, os, subprocess, socket, ctypes, pyodide, pyodide_js, importlib$/,
  },
  {
    name: "a module by a name made at run time",
    category: "import",
    source: "f = __import__\nf('o' + 's')",
    sees: /not allowed/,
  },
  {
    name: "the bridge to JavaScript",
    category: "import",
    source:
      `${REAL}for name in ('js', 'pyodide_js', 'pyodide', '_pyodide', '_pyodide_core'):\n    try: print(imp(name))\n    except ImportError: print('none')`,
    sees: /^(none\n){4}none$/,
  },
  {
    name: "the bridge, opened again",
    category: "import",
    source:
      `${REAL}${REOPEN}for name in ('js', 'pyodide_js'):\n    try: print(imp(name))\n    except ImportError: print('none')\n` +
      "code = imp('pyodide.code').code\nprint(code.run_js)\nprint(code.run_js('globalThis'))",
    sees: /^Execution failed/,
  },
  {
    name: "objects of JavaScript among all objects",
    category: "import",
    source: `${REAL}gc = imp('gc')\nfound = [o for o in gc.get_objects() if type(o).__name__ == 'JsProxy']\n` +
      "found += [v for o in gc.get_objects() if type(o) is dict for v in o.values() if type(v).__name__ == 'JsProxy']\nprint(len(found))",
    sees: /^0$/,
  },
  {
    name: "JavaScript run by the C library",
    category: "import",
    source: `${REAL}${REOPEN}ctypes = imp('ctypes')\nlib = ctypes.CDLL(None)\n` +
      "lib.emscripten_run_script_string.restype = ctypes.c_char_p\nprint(lib.emscripten_run_script_string(b'JSON.stringify(Object.keys(Deno.env.toObject()))'))",
    sees: /Error|timed out/,
    ends: true,
  },
  {
    name: "globals of JavaScript by a proxy of its own",
    category: "import",
    source:
      `${REAL}${REOPEN}core = imp('_pyodide_core')\np = core.create_proxy(lambda: 1)\nmake = p.constructor.constructor\nprint(make("return typeof Deno"))`,
    sees: /Error/,
    ends: true,
  },

  // Network, files, environment, processes
  {
    name: "a socket",
    category: "network",
    source: `${REAL}s = imp('socket').socket()\ns.settimeout(1)\ns.connect(('127.0.0.1', 1))\ns.send(b'x')`,
    sees: /^Execution failed/,
    ends: true,
  },
  {
    name: "a web page",
    category: "network",
    source: `${REAL}imp('urllib.request')\nimp('urllib').request.urlopen('http://127.0.0.1:1/')`,
    sees: /^Execution failed/,
    ends: true,
  },
  {
    name: "a file of the host",
    category: "files",
    source: `${REAL}print(real.open('CANARY_FILE').read())`,
    sees: NOT_THERE,
  },
  {
    name: "other files of the host",
    category: "files",
    source:
      `${REAL}for p in ('/etc/passwd', '/proc/self/environ', '/proc/self/cmdline', '/proc/1/environ', 'CANARY_DIR/../..', 'SANDBOX_DIR/_python_worker.ts'):\n` +
      "    try: print(real.open(p).read(50))\n    except OSError: print('none')",
    sees: /^(none\n){5}none$/,
  },
  {
    name: "a file on the host",
    category: "files",
    source:
      `${REAL}os.makedirs('CANARY_DIR')\nreal.open('CANARY_DIR/made', 'w').write('x')\nprint(os.listdir('CANARY_DIR'))`,
    sees: /^\["made"\]$/,
  },
  {
    name: "the environment",
    category: "environment",
    source: `${REAL}print(sorted(os.environ))\nprint(os.environ.get('CANARY_ENV'), os.environ.get('PATH'))`,
    sees: /\nNone \/$/,
  },
  {
    name: "open() by name",
    category: "files",
    source: "open('CANARY_FILE')",
    sees: /function\(s\) is not allowed: open/,
  },
  {
    name: "a process",
    category: "processes",
    source: `${REAL}print(imp('subprocess').check_output(['cat', 'CANARY_FILE']))`,
    sees: /^Execution failed/,
  },
  {
    name: "a shell",
    category: "processes",
    source: `${REAL}print(os.system('cat CANARY_FILE > CANARY_DIR/made'))`,
    sees: /^-?\d+$|^Execution failed/,
    ends: true,
  },
  { name: "a fork", category: "processes", source: `${REAL}print(os.fork())`, sees: /^Execution failed/ },
  {
    name: "a thread",
    category: "processes",
    source: `${REAL}imp('_thread').start_new_thread(print, (1,))`,
    sees: /^Execution failed/,
  },
  {
    name: "an event loop",
    category: "processes",
    source: `${REAL}asyncio = imp('asyncio')\nasync def f(): return 1\nprint(asyncio.run(f()))`,
    sees: /^Execution failed|^1$/,
    ends: true,
  },
  {
    name: "a signal to others",
    category: "processes",
    source: `${REAL}os.kill(os.getppid(), 9)\nos.kill(1, 9)\nprint('sent')`,
    sees: /^Execution failed|^sent$/,
    ends: true,
  },
  {
    name: "an alarm",
    category: "processes",
    source: `${REAL}signal = imp('signal')\nsignal.signal(signal.SIGINT, lambda *_: None)\nwhile True: pass`,
    sees: TIMED_OUT,
    ends: true,
  },
  { name: "an end of the process", category: "processes", source: `${REAL}os._exit(0)`, sees: STOPPED, ends: true },
  { name: "an abort", category: "processes", source: `${REAL}os.abort()`, sees: STOPPED, ends: true },
  {
    name: "a crash",
    category: "processes",
    source: `${REAL}${REOPEN}imp('ctypes').string_at(0x7fffffff, 10)`,
    sees: STOPPED,
    ends: true,
  },
  { name: "an exit", category: "processes", source: "exit()", sees: /SystemExit$/ },

  // Tampering
  {
    name: "another API in place of one",
    category: "tampering",
    source: "apis.a.b = lambda: 1",
    sees: /^Execution failed[^]*apis[^]*$/,
  },
  {
    name: "another JSON",
    category: "tampering",
    source: "json.dumps = json.loads = lambda *a, **k: 1 / 0\nprint(helper(3))",
    sees: /^3$/,
    traces: ["entered 0", "returned 1"],
  },
  {
    name: "another print for everyone",
    category: "tampering",
    source: `${REAL}real.print = None\nprint(helper(3))`,
    sees: /^3$/,
    traces: ["entered 0", "returned 1"],
  },
  {
    name: "a library function of the guest's own",
    category: "tampering",
    source: "def helper(x): return x\nprint(helper(4))",
    sees: /^4$/,
  },
  {
    name: "other checks and compilers",
    category: "tampering",
    source:
      `${REAL}real.compile = real.exec = real.isinstance = None\nimp('ast').parse = imp('ast').walk = None\nprint(helper(5))`,
    sees: /^5$/,
    traces: ["entered 0", "returned 1"],
    ends: true,
  },
  {
    name: "a hook on every call",
    category: "tampering",
    source: `${REAL}sys.settrace(lambda *_: 1 / 0)\nprint(helper(6))`,
    sees: /^Execution failed|^6$/,
    ends: true,
  },
  {
    name: "the module that serves it, emptied",
    category: "tampering",
    source:
      `${REAL}helper.__globals__['__builtins__'].clear()\nsys.modules.clear()\ntry: 1 / 0\nexcept Exception as e: frame = e.__traceback__.tb_frame\n` +
      "while frame.f_back:\n    frame = frame.f_back\n    frame.f_globals.clear()\nhelper(7)",
    sees: /^Execution failed/,
    traces: ["entered 0", "failed 0"],
    ends: true,
  },

  // Errors
  {
    name: "frames below its own",
    category: "errors",
    source:
      "try:\n    1 / 0\nexcept Exception as e:\n    frame = e.__traceback__.tb_frame\n    while frame:\n        print(frame.f_code.co_name, len(str(frame.f_globals)) > 0, [k for k, v in frame.f_locals.items() if 'Js' in type(v).__name__])\n        frame = frame.f_back",
    sees: /^<module> True \[\]\n/,
  },
  {
    name: "an error without a name",
    category: "errors",
    source:
      "class M(type):\n    __qualname__ = property(lambda s: 1 / 0)\n    __module__ = 5\nclass E(Exception, metaclass=M): pass\nraise E('m')",
    sees: /^Execution/,
  },
  {
    name: "an error with a giant message",
    category: "errors",
    source: "raise Exception('m' * 5000000)",
    sees: /\[cut \d+ characters\]$/,
  },
  {
    name: "an error that is its own cause",
    category: "errors",
    source: "e = Exception('m')\ne.__context__ = e\ne.__cause__ = e\nraise e",
    sees: /Exception: m$/,
  },

  // Clock and randomness
  {
    name: "every clock",
    category: "clock and randomness",
    source:
      "import time\ndef now(): return [time.time(), time.monotonic(), time.perf_counter(), time.process_time(), str(datetime.datetime.now()), str(datetime.date.today()), time.ctime()]\n" +
      "a = now()\ntime.sleep(5)\nfor i in range(100000): pass\nprint(a == now(), a[0], a[4])",
    sees: /^True 1714555800\.0 2024-05-01 09:30:00$/,
    twice: true,
  },
  {
    name: "every random number",
    category: "clock and randomness",
    source:
      `import uuid, secrets\n${REAL}print(random.random(), random.SystemRandom().random(), uuid.uuid4(), uuid.uuid1(), secrets.token_hex(4), os.urandom(4).hex(), hash('abc'), set('abcdef'), id(object()))`,
    sees: /^0\.\d+ /,
    twice: true,
  },
  {
    name: "how fast time runs out",
    category: "clock and randomness",
    source: "n = 0\ntry:\n    while True: n += 1\nfinally:\n    kept = n",
    sees: TIMED_OUT,
    twice: true,
  },

  // Protocol
  {
    name: "a line that is none",
    category: "protocol",
    source: `${REAL}os.write(1, b'garbage\\n')`,
    sees: STOPPED,
    ends: true,
  },
  {
    name: "lines without end",
    category: "protocol",
    source: `${REAL}while True: os.write(1, b'Cxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 1000)`,
    sees: /stopped|timed out/,
    ends: true,
  },
  {
    name: "a result of its own, then a loop",
    category: "protocol",
    source: `${REAL}os.write(1, b'R{"ending":"ok","output":"forged","length":6}\\n')\nwhile True: pass`,
    sees: /^forged$/,
    ends: true,
  },
  {
    name: "a use of a library function that is none",
    category: "protocol",
    source: `${REAL}os.write(1, b'E"never_loaded"\\n')\nprint(1)`,
    sees: STOPPED,
    ends: true,
  },
  {
    name: "an end that was no beginning",
    category: "protocol",
    source: `${REAL}os.write(1, b'L[-5, false]\\n')\nprint(1)`,
    sees: /^1$/,
  },
  {
    name: "an API that does not exist",
    category: "protocol",
    source: `${REAL}os.write(1, b'C["a","drop_all","{}"]\\n')\nprint(os.read(0, 100))`,
    sees: /There is no API named a\.drop_all/,
  },
  {
    name: "a call with other arguments than an object",
    category: "protocol",
    source: `${REAL}os.write(1, b'C["a","b","[1]"]\\n')\nprint(os.read(0, 100))`,
    sees: /are not JSON/,
  },
  {
    name: "a read of what never comes",
    category: "protocol",
    source: `${REAL}os.read(0, 100)`,
    sees: TIMED_OUT,
    ends: true,
  },
];
