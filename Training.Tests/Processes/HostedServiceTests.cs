using System.Collections.Concurrent;
using Dashboard.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Training.Tests.TestKit;

namespace Training.Tests.Processes;

/// <summary>By .NET's own rule a background service that throws ends the whole dashboard.</summary>
public sealed class HostedServiceTests
{
    private const int Failures = 2;

    [Fact]
    public void EveryHostedServiceOfTheProgram_IsGuarded()
    {
        var unguarded = typeof(Guard).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, IsInterface: false } && typeof(IHostedService).IsAssignableFrom(type))
            .Where(type => !typeof(GuardedService).IsAssignableFrom(type)).Select(type => type.FullName);

        // Whoever adds one derives it from GuardedService, so that a failure in it is said, tried again, and ends nothing.
        Assert.Empty(unguarded);
    }

    [Fact]
    public async Task EveryHostedService_ThatThrows_EndsNothingAndIsBegunAgain()
    {
        var begun = new ConcurrentDictionary<string, int>();
        await using var app = new DashboardApp(services: services => services.AddSingleton(provider => new Guard(
            provider.GetRequiredService<PartsHealth>(), TimeProvider.System)
        {
            Before = part =>
            {
                var count = begun.AddOrUpdate(part, 1, (_, before) => before + 1);
                if (count <= Failures) throw new InvalidOperationException($"{part} fails for the test, time {count}");
            },
        }));
        var parts = app.Services.GetServices<IHostedService>().OfType<GuardedService>().Select(service => service.Part).ToList();

        await Eventually.TrueAsync(
            () => parts.TrueForAll(part => begun.GetValueOrDefault(part) > Failures), "each of them is begun again after it has failed");

        Assert.True(parts.Count > 8, string.Join(", ", parts));
        Assert.Equal(parts.Count, parts.Distinct().Count());
        Assert.False(app.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        var health = await app.CreateClient().GetAsync(new Uri("/health", UriKind.Relative));
        Assert.True(health.IsSuccessStatusCode);
        IEnumerable<string> Failing() => app.Get<PartsHealth>().Failing.Select(part => part.Name).Intersect(parts);
        for (var tries = 0; tries < 600 && Failing().Any(); tries++) await Task.Delay(100);
        Assert.Empty(Failing());
        foreach (var service in app.Services.GetServices<IHostedService>().OfType<GuardedService>())
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await service.StopAsync(patience.Token);
            Assert.True(service.ExecuteTask is null or { IsCompleted: true }, $"{service.Part} goes on after it was told to stop");
        }
    }
}
