namespace Dashboard.Processes;

/// <summary>What keeps background work going, and says when it doesn't.</summary>
public static class BackgroundModule
{
    public static IServiceCollection AddBackground(this IServiceCollection services) =>
        services.AddSingleton<PartsHealth>().AddSingleton<Guard>();

    /// <summary>Returns once the host has started: only then it is known what it listens on.</summary>
    internal static async Task StartedAsync(this IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellationToken);
    }
}
