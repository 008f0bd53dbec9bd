using Training.Core.Data;
using Training.Tests.Images;
using Training.Tests.TestKit;

namespace Training.Tests.Data;

/// <summary>Builds a dataset's folder for one test.</summary>
internal sealed class PhotoFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private int _pictures;

    public string Root => _folder.Path;

    public string In(string path) => Path.Combine(Root, path);

    /// <summary>So many different pictures in a folder.</summary>
    public PhotoFolder With(string folder, int pictures)
    {
        Directory.CreateDirectory(In(folder));
        for (var index = 0; index < pictures; index++) Put($"{folder}/{index:000}.png", Pictures.Small(++_pictures));
        return this;
    }

    public PhotoFolder Put(string path, params byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(path))!);
        File.WriteAllBytes(In(path), content);
        return this;
    }

    /// <summary>A picture under a name of any bytes, which .NET can't write: by the shell.</summary>
    public PhotoFolder PutRaw(string folder, params byte[] name)
    {
        With(folder, 1);
        var octal = string.Concat(name.Select(value => $"\\{Convert.ToString(value, 8).PadLeft(3, '0')}"));
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", $"""cd "$0" && f="$(printf '{octal}')" && mkdir -p "$(dirname "$f")" && mv 000.png "$f" """, In(folder)]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return this;
    }

    public DatasetScan Scan() => ImageFolder.Scan(Root);

    public DatasetManifest Manifest()
    {
        var scan = Scan();
        return new DatasetManifest("photos", scan.Root, scan.Classes, scan.Samples);
    }

    public void Dispose() => _folder.Dispose();
}

internal static class ScanAssert
{
    /// <summary>Exactly one problem of that severity has this text, and it tells what to do.</summary>
    public static DatasetProblem Has(this DatasetScan scan, ProblemSeverity severity, string text)
    {
        var found = scan.Problems.Where(problem => problem.Message.Contains(text, StringComparison.Ordinal)).ToList();
        var problem = Assert.Single(found);
        Assert.Equal(severity, problem.Severity);
        Assert.NotEmpty(problem.Remedy);
        return problem;
    }

    public static void HasNoErrors(this DatasetScan scan) =>
        Assert.DoesNotContain(scan.Problems, problem => problem.Severity == ProblemSeverity.Error);

    public static int Count(this DatasetScan scan, Split split) => scan.Samples.Count(sample => sample.Split == split);
}
