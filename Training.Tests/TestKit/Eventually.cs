namespace Training.Tests.TestKit;

/// <summary>Waits for what happens in another process or thread: looks often, gives up late, and then says what it waited for.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Task TrueAsync(Func<bool> condition, string what) =>
        TrueAsync(() => Task.FromResult(condition()), what);

    public static Task TrueAsync(Func<Task<bool>> condition, string what) =>
        NotNullAsync(async () => await condition() ? what : null, what);

    /// <summary>The first value that is not null.</summary>
    public static async Task<T> NotNullAsync<T>(Func<Task<T?>> value, string what)
        where T : class
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await value() is { } found) return found;
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new TimeoutException($"After {Patience.TotalSeconds} s still not: {what}");
            await Task.Delay(50);
        }
    }
}
