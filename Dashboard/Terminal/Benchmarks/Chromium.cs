using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Dashboard.Terminal.Benchmarks;

/// <summary>A headless Chromium of this machine with a profile of its own.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private BrowserPage _browser = null!;
    private Uri _address = null!;

    private Chromium(Process process, DirectoryInfo profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Processor time of all its processes since they began, of those that still run.</summary>
    public TimeSpan Busy => ProcessTree.Busy(_process.Id);

    /// <summary>Where it is; null when this machine has none.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names, Path.Combine).FirstOrDefault(File.Exists);

    public static async Task<Chromium> StartAsync(string file, CancellationToken cancellationToken)
    {
        var profile = Directory.CreateTempSubdirectory("bench-browser-");
        var start = new ProcessStartInfo(file)
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
            ArgumentList =
            {
                "--headless=new", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--mute-audio",
            },
        };
        // Chromium's sandbox refuses to run as root.
        if (Environment.IsPrivilegedProcess) start.ArgumentList.Add("--no-sandbox");
        var process = Process.Start(start) ?? throw new InvalidOperationException("The browser did not start.");
        var chromium = new Chromium(process, profile);
        chromium._address = await AddressAsync(process).WaitAsync(Patience, cancellationToken);
        chromium._browser = await BrowserPage.ConnectAsync(chromium._address, cancellationToken);
        return chromium;
    }

    /// <summary>An empty page in a window and with cookies of its own, as of another person.</summary>
    public async Task<BrowserPage> OpenAsync(CancellationToken cancellationToken)
    {
        var person = (await _browser.AskAsync("Target.createBrowserContext", [], cancellationToken)).GetProperty("browserContextId")
            .GetString();
        var window = new JsonObject
        {
            ["url"] = "about:blank", ["browserContextId"] = person, ["newWindow"] = true, ["width"] = 1360, ["height"] = 900,
        };
        var target = (await _browser.AskAsync("Target.createTarget", window, cancellationToken)).GetProperty("targetId").GetString();
        return await BrowserPage.ConnectAsync(new Uri(_address, $"/devtools/page/{target}"), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // One of its processes still writes; the system clears its temporary folder.
        }
    }

    private static async Task<Uri> AddressAsync(Process process)
    {
        const string words = "DevTools listening on ";
        _ = process.StandardOutput.ReadToEndAsync();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(words, StringComparison.Ordinal)) continue;
            // The rest has to be read too, or the browser waits for it.
            _ = process.StandardError.ReadToEndAsync();
            return new Uri(line[words.Length..].Trim());
        }
        throw new InvalidOperationException("The browser ended at its start.");
    }
}
