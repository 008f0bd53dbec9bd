namespace Dashboard.Processes;

/// <summary>
/// What works beside requests from the dashboard's start to its end. By .NET's own rule one that throws ends the whole dashboard; one of
/// these is begun again, and pages say since when it has failed.
/// </summary>
/// <param name="part">What it does, as people read it, such as "Measuring this machine".</param>
public abstract class GuardedService(string part, Guard guard) : BackgroundService
{
    public string Part => part;

    protected Guard Guard => guard;

    /// <summary>
    /// Works until it is stopped or done. After a failure it is called again: it has to be able to begin anew, and to say by
    /// <see cref="Guard.Works"/>, or by guarded pieces of work, that it has.
    /// </summary>
    protected abstract Task WorkAsync(CancellationToken cancellationToken);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await guard.UntilItWorksAsync(part, WorkAsync, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }
}
