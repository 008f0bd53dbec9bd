using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Dashboard.Processes;

/// <summary>
/// A folder with a libtorch that trainers load instead of the one that the program brings along: such as with CUDA, out of a Python
/// environment or PyTorch's own zip.
/// </summary>
internal sealed partial class LibtorchFolder
{
    /// <summary>The version that TorchSharp's native part is built for; with another one it crashes or computes nonsense.</summary>
    private const string Version = "2.10.";

    /// <summary>Read by the system's loader when a process starts, never later.</summary>
    public const string SearchPath = "LD_LIBRARY_PATH";

    private const string CudaFile = "libtorch_cuda.so";
    private const string WhatToName =
        "Name the folder of PyTorch 2.10 in a Python environment (python3 -c \"import torch; print(torch.__path__[0])\" prints it), or "
            + "the unpacked zip of libtorch 2.10.";

    private static readonly string[] Needed = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>Each before those that need it; what the folder lacks of CUDA is left out.</summary>
    private static readonly string[] InOrder = ["libc10.so", "libc10_cuda.so", "libtorch_cpu.so", CudaFile, "libtorch.so"];

    private readonly string _named;
    private readonly string _libraries;

    /// <param name="folder">The libraries themselves, or the folder above with them in "lib".</param>
    public LibtorchFolder(string folder)
    {
        _named = Path.GetFullPath(folder);
        var below = Path.Combine(_named, "lib");
        _libraries = Directory.Exists(below) ? below : _named;
    }

    public bool HasCuda => File.Exists(In(CudaFile));

    /// <summary>Why it can't be used, in words; null when it can. Looks at files only.</summary>
    public string? Problem()
    {
        if (!Directory.Exists(_named)) return $"There is no folder {_named}. {WhatToName}";
        if (Needed.FirstOrDefault(file => !File.Exists(In(file))) is { } missing)
            return $"{_named} holds no libtorch for this computer: {missing} is missing. {WhatToName}";
        return ReadVersion() switch
        {
            null => $"{_named} doesn't say which version of libtorch it holds: neither build-version nor version.py lies there. "
                + $"{WhatToName}",
            var version when !version.StartsWith(Version, StringComparison.Ordinal) =>
                $"{_named} holds libtorch {version}, but 2.10 is needed. {WhatToName}",
            _ => null,
        };
    }

    /// <summary>
    /// Prepares the start of a process that will <see cref="Load"/> it. TorchSharp's first call asks the system for "torch_cpu.so" and, if
    /// there is none, takes the program's own libtorch by its path, beside the one that is loaded, which ends the process. So the name is
    /// made to lead to the file that is loaded.
    /// </summary>
    /// <param name="cache">A folder for the names.</param>
    public void Prepare(ProcessStartInfo start, string cache)
    {
        var names = Path.Combine(cache, "libtorch", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_libraries)))[..16]);
        Directory.CreateDirectory(names);
        foreach (var file in InOrder.Where(file => File.Exists(In(file))))
        {
            var name = Path.Combine(names, file["lib".Length..]);
            if (!File.Exists(name)) File.CreateSymbolicLink(name, In(file));
        }
        start.Environment[SearchPath] = start.Environment.TryGetValue(SearchPath, out var others) && others is { Length: > 0 }
            ? $"{names}:{others}" : names;
    }

    /// <summary>
    /// Takes it into this process, once, before anything of TorchSharp is used; the process was started as <see cref="Prepare"/> says.
    /// </summary>
    /// <exception cref="DllNotFoundException">A library or what it needs can't be loaded; the message names it.</exception>
    public void Load()
    {
        // What is loaded already, the system takes for the libraries of the same name that TorchSharp's native part needs.
        foreach (var file in InOrder.Where(file => File.Exists(In(file)))) NativeLibrary.Load(In(file));
    }

    private string In(string file) => Path.Combine(_libraries, file);

    /// <summary>PyTorch's zip has a file build-version, a Python environment version.py; null when there is neither.</summary>
    private string? ReadVersion()
    {
        foreach (var folder in (string[])[_named, Path.GetDirectoryName(_libraries) ?? _named])
        {
            var (plain, python) = (Path.Combine(folder, "build-version"), Path.Combine(folder, "version.py"));
            if (File.Exists(plain)) return File.ReadAllText(plain).Trim();
            if (File.Exists(python) && PythonVersion().Match(File.ReadAllText(python)) is { Success: true } match)
                return match.Groups[1].Value;
        }
        return null;
    }

    [GeneratedRegex("""__version__\s*=\s*['"]([^'"]+)['"]""")]
    private static partial Regex PythonVersion();
}
