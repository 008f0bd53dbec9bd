using Dashboard.Runs.Artifacts;
using Dashboard.Runs.Predictions;
using Dashboard.Runs.Submission;
using Dashboard.Runs.TryIt;
using Dashboard.Runs.Weights;

namespace Dashboard.Runs;

/// <summary>The truth about runs, and the one way to change it.</summary>
public static class RunsModule
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddWeights();
        services.AddSingleton<RunFeed>().AddSingleton<RunStore>();
        services.AddSingleton<RunChecks>().AddSingleton<RunSubmission>().AddSingleton<RepeatedRequests>().AddSingleton<AttemptRequests>();
        services.AddSingleton<RunService>();
        services.AddSingleton<RunFiles>().AddHostedService(provider => provider.GetRequiredService<RunFiles>());
        services.AddPredictions();
        return services.AddSingleton<ModelShelf>().AddSingleton<ImageTrial>();
    }

    /// <summary>What a run's model said of its images.</summary>
    public static IServiceCollection AddPredictions(this IServiceCollection services) =>
        services.AddSingleton<PredictionStore>().AddSingleton<SampleHistory>().AddSingleton<RunSamples>();
}
