using System.Diagnostics;

namespace Training.Tests.TestKit;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("fine-tune-").FullName;

    public string Path { get; }

    public string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    /// <summary>May be called twice: an owner can have both ways of disposal.</summary>
    public void Dispose()
    {
        if (!Directory.Exists(Path)) return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // Names that are no UTF-8 can't be said in .NET's strings.
            using var rm = Process.Start("rm", ["-rf", Path]);
            rm.WaitForExit();
        }
    }
}

/// <summary>
/// A disk of a few megabytes, in memory; skips the test without the right to mount one. Gone with its content afterwards.
/// </summary>
public sealed class SmallDisk : IDisposable
{
    private const string Ballast = "ballast";

    private readonly TemporaryFolder _place;

    /// <param name="place">Where it is mounted; null: in a folder of its own.</param>
    public SmallDisk(int kilobytes, TemporaryFolder? place = null)
    {
        _place = place ?? new TemporaryFolder();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", _place.Path)) return;
        _place.Dispose();
        Skip.If(true, "Only with the right to mount a small disk.");
    }

    public string Path => _place.Path;

    public string In(params string[] names) => _place.In(names);

    public IEnumerable<string> Entries => Directory.EnumerateFileSystemEntries(Path);

    public void Grow(int kilobytes) => Assert.True(Run("mount", "-o", $"remount,size={kilobytes}k", _place.Path), "The disk did not grow.");

    /// <summary>Takes all the room that is left; what others free meanwhile, it takes when it is called again.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(In(Ballast), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 1 << 20; size >= 512; size /= 2)
        {
            try
            {
                while (true) ballast.Write(new byte[size]);
            }
            catch (IOException)
            {
                // No room for so many bytes; for fewer perhaps.
            }
        }
    }

    public void MakeRoom() => File.Delete(In(Ballast));

    public void Dispose()
    {
        // Lazily: what a test leaves open must not keep the disk.
        Run("umount", "-l", _place.Path);
        _place.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
