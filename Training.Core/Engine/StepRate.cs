using System.Diagnostics;

namespace Training.Core.Engine;

/// <summary>Images per second over the last second or so, and over an epoch.</summary>
internal sealed class StepRate
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    private readonly Queue<(TimeSpan At, int Images)> _steps = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private int _inWindow;
    private long _total;

    public TimeSpan Elapsed => _watch.Elapsed;

    public double Overall => _total / Math.Max(1e-9, _watch.Elapsed.TotalSeconds);

    /// <summary>Counts a step and returns the rate.</summary>
    public double Add(int images)
    {
        var now = _watch.Elapsed;
        _steps.Enqueue((now, images));
        _inWindow += images;
        _total += images;
        while (_steps.Count > 2 && now - _steps.Peek().At > Window) _inWindow -= _steps.Dequeue().Images;
        // The oldest step only marks where the window begins.
        return _steps.Count == 1
            ? Overall
            : (_inWindow - _steps.Peek().Images) / Math.Max(1e-9, (now - _steps.Peek().At).TotalSeconds);
    }
}
