using System.Text.Json;
using Training.Core.Engine;
using Training.Core.Runs;

namespace Dashboard.Machines;

/// <summary>The internal verb <c>measure-speed</c>: a child process measures, since the dashboard never loads libtorch.</summary>
internal static class MeasureSpeedVerb
{
    public const string Name = "measure-speed";

    /// <summary>Prints a <see cref="MachineSpeed"/> as the last line; native libraries may print before it.</summary>
    public static async Task<int> RunAsync()
    {
        var speed = SpeedProbe.Measure();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(speed, CoreJson.Options));
        return 0;
    }
}
