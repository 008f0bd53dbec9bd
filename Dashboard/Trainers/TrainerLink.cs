namespace Dashboard.Trainers;

/// <summary>What the dashboard can say to a trainer that is connected.</summary>
public sealed class TrainerLink
{
    /// <summary>Asks the trainer of the run's current attempt to stop; one that is cut off hears it when it attaches again.</summary>
    public Task StopAsync(int runId) => throw new NotImplementedException();
}
