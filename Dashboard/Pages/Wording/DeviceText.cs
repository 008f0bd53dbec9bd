using System.Globalization;
using Dashboard.Protocol;
using Microsoft.Extensions.Localization;

namespace Dashboard.Pages.Wording;

/// <summary>How a device is written everywhere: "CPU", "GPU 0", its load and memory.</summary>
public static class DeviceText
{
    public static string Name(DeviceReport device) => Name(device.Id);

    /// <param name="id">"cpu" or "cuda:0".</param>
    public static string Name(string id) =>
        id == "cpu" ? "CPU" : id.StartsWith("cuda:", StringComparison.Ordinal) ? "GPU " + id[5..] : id;

    /// <summary>Whole percent for a bar; 0 when unknown.</summary>
    public static int Percent(DeviceReport device) => (int)Math.Round(Math.Clamp(device.Load ?? 0, 0, 1) * 100);

    public static string Load(DeviceReport device, IStringLocalizer<Words> words)
    {
        var load = device.Load is { } value ? Figures.Percent(value, 0) : words["load unknown"].Value;
        return device is { MemoryUsed: { } used, MemoryTotal: { } total }
            ? string.Create(CultureInfo.CurrentCulture, $"{load} · {words["{0} of {1}", Figures.Bytes(used), Figures.Bytes(total)]}")
            : load;
    }
}
