"""Names that a pickle has no honest reason to call: what they do is run commands, load code or reach other machines.

Nothing a pickle names is ever called here, so this list does not keep anybody safe; it only tells a file that attacks
its reader from one that merely holds an object unknown here. It follows what `pickle` itself warns of, what the
scanners of model hubs refuse, and the ways around those scanners that have been published.
"""

_MODULES = frozenset(
    {
        # commands and processes
        "os", "posix", "nt", "subprocess", "_posixsubprocess", "commands", "popen2", "pty", "multiprocessing",
        "_winapi", "msvcrt", "asyncio", "concurrent", "webbrowser", "antigravity", "ensurepip", "venv", "idlelib",
        "_aix_support", "_osx_support", "_pyrepl", "_thread",
        # code
        "sys", "runpy", "importlib", "imp", "zipimport", "pkgutil", "codeop", "pdb", "bdb", "timeit", "cProfile",
        "doctest", "pydoc", "lib2to3", "marshal", "pickle", "_pickle", "cPickle", "pickletools", "shelve", "ctypes",
        "_ctypes", "cffi", "pip", "setuptools", "distutils", "pkg_resources", "sysconfig", "py_compile", "compileall",
        "modulefinder", "IPython", "jupyter_client", "faulthandler", "atexit",
        # files and other machines
        "shutil", "tempfile", "fileinput", "linecache", "io", "_io", "mmap", "zipfile", "tarfile", "socket",
        "_socket", "socketserver", "ssl", "http", "httplib", "urllib", "urllib2", "urllib3", "requests", "aiohttp",
        "httpx", "ftplib", "telnetlib", "smtplib", "poplib", "imaplib", "nntplib", "xmlrpc", "xmlrpclib", "paramiko",
        "wsgiref", "sqlite3",
    }
)  # fmt: skip
"""Modules, with everything below them."""

_HARMLESS = frozenset({"io.BytesIO", "_io.BytesIO", "io.StringIO", "_io.StringIO", "urllib.parse.ParseResult"})
"""Names of those modules that honest pickles hold."""

_BUILTINS = frozenset(
    {
        "eval", "exec", "execfile", "compile", "__import__", "getattr", "setattr", "delattr", "open", "file", "input",
        "raw_input", "breakpoint", "globals", "locals", "vars", "apply", "reload", "memoryview", "map", "filter",
        "__build_class__", "help", "exit", "quit",
    }
)  # fmt: skip

_NAMES = (
    "code.interact", "code.InteractiveConsole", "code.InteractiveInterpreter", "cmd.Cmd", "profile.run",
    "profile.runctx", "profile.Profile", "trace.Trace", "trace.main", "platform.popen", "signal.signal",
    "signal.raise_signal", "site.addpackage", "site.execsitecustomize", "site.main", "test.support", "unittest.main",
    "threading.Thread", "threading.Timer",
    "operator.attrgetter", "operator.methodcaller", "_operator.attrgetter", "_operator.methodcaller", "types.CodeType",
    "types.FunctionType", "types.LambdaType", "functools.reduce", "_functools.reduce", "codecs.open", "logging.config",
    "uuid._get_command_stdout", "torch.hub", "torch.load", "torch.save", "torch.jit", "torch.ops", "torch.classes",
    "torch.package", "torch.multiprocessing", "torch.serialization.load", "torch.serialization._load",
    "torch.serialization._legacy_load", "torch.distributed.rpc",
    "torch.distributed.elastic", "torch.utils.cpp_extension", "torch.utils.collect_env", "torch.utils.bottleneck",
    "torch.utils.model_zoo", "torch.utils._config_module", "torch.testing", "torch._dynamo", "torch._inductor",
    "torch.fx.graph_module", "torch.fx.experimental", "numpy.f2py", "numpy.distutils", "numpy.testing", "numpy.load",
    "numpy.save", "numpy.memmap", "numpy.fromfile", "numpy.ctypeslib", "numpy.lib.npyio", "joblib.load",
    "cloudpickle", "dill._dill._create_code", "dill._dill._create_function", "dill._dill._import_module",
    "dill._dill._eval_repr", "dill._dill._get_attr", "dill.load", "dill.loads", "pandas.read_pickle",
    "pandas.io.pickle", "tensorflow.io", "keras.src.utils.file_utils",
)  # fmt: skip
"""Single names and packages, with everything below them."""

_EVERYWHERE = frozenset(
    {"os", "sys", "posix", "subprocess", "builtins", "__builtins__", "importlib", "shutil", "pickle"}
)
"""Modules that other modules import: `logging.os.system` is `os.system`."""


def harmful(module: str, name: str) -> bool:
    """Whether loading `name` from `module` can only be meant to do more than hold data."""
    full = f"{module}.{name}"
    if module in {"builtins", "__builtin__"}:
        return name.partition(".")[0] in _BUILTINS or "." in name
    if module.partition(".")[0] in _MODULES:
        return full not in _HARMLESS
    parts = set(name.split("."))
    if parts & _EVERYWHERE or (len(parts) > 1 and parts & (_BUILTINS | _MODULES)) or "__globals__" in parts:
        return True
    if full.startswith("torch.jit._pickle."):
        return False
    return any(full == one or full.startswith(f"{one}.") for one in _NAMES)
