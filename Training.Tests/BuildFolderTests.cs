using Training.Tests.TestKit;
using Training.Tests.TestProcesses;

namespace Training.Tests;

/// <summary>A build that somebody else made, or whose packages are gone.</summary>
public sealed class BuildFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Start_WithoutThePackagesOfTheBuild_SaysWhatToStartInstead()
    {
        var gone = _folder.In("packages/mudblazor/9.12.0/staticwebassets/");
        await File.WriteAllTextAsync(_folder.In("manifest.json"), $$"""
            { "ContentRoots": ["{{gone}}"], "Root": { "Children": null, "Asset": null,
              "Patterns": [ { "ContentRootIndex": 0, "Pattern": "**", "Depth": 0 } ] } }
            """);

        var (exitCode, output) = await DashboardProcess.StartInVainAsync(_folder.In("data"),
            new Dictionary<string, string> { ["ASPNETCORE_STATICWEBASSETS"] = _folder.In("manifest.json") });

        Assert.Equal(2, exitCode);
        Assert.Contains(gone, output, StringComparison.Ordinal);
        Assert.Contains("Start ./run.sh, whose program has everything in its own folder, or build again.", output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
