using Dashboard.Storage;
using Dashboard.Terminal.Settings;
using Microsoft.Extensions.Configuration;

namespace Training.Tests.Terminal.Settings;

public sealed class SettingsCheckTests
{
    [Fact]
    public void Settings_ThatAreFine_AreTaken()
    {
        var (options, errors) = Read(("DataRoot", "/data"), ("TrainHere", "false"), ("MaxZipEntries", "12"));

        Assert.Empty(errors);
        Assert.Equal(("/data", false, 12), (options.DataRoot, options.TrainHere, options.MaxZipEntries));
    }

    [Fact]
    public void Settings_WithManyFaults_NamesAllOfThemByKey()
    {
        var (_, errors) = Read(("DataRoot", ""), ("TrainHere", "perhaps"), ("MaxZipEntries", "0"), ("MaxUploadBytes", "lots"),
            ("DataRot", "/data"));

        Assert.Equal(
            ["Dashboard:DataRoot", "Dashboard:DataRot", "Dashboard:MaxUploadBytes", "Dashboard:MaxZipEntries", "Dashboard:TrainHere"],
            errors.Select(error => error.Split(' ', 2)[0].TrimEnd(':')).Order(StringComparer.Ordinal));
        Assert.Contains(errors, error => error == "Dashboard:TrainHere: 'perhaps' is not true or false.");
    }

    [Theory]
    [InlineData("redis:6379", "", "set Dashboard:Postgres too")]
    [InlineData("redis:6379,nonsense=1", "Host=db", "Write it like")]
    public void Redis_ThatCantBeUsed_IsExplained(string redis, string postgres, string words)
    {
        var (_, errors) = Read(("Redis", redis), ("Postgres", postgres));

        Assert.Contains(words, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hst=db", "Write it like Host=")]
    [InlineData("Database=tuning", "It names no server")]
    [InlineData("Host=db;Port=many", "Write it like Host=")]
    public void Postgres_ThatCantBeRead_IsExplained(string postgres, string words)
    {
        var (_, errors) = Read(("Postgres", postgres));

        Assert.StartsWith("Dashboard:Postgres: ", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains(words, errors[0], StringComparison.Ordinal);
    }

    private static (DashboardOptions Options, IReadOnlyList<string> Errors) Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create($"Dashboard:{pair.Key}", (string?)pair.Value))).Build();
        var check = new SettingsCheck(configuration);
        var options = new DashboardOptions();
        check.Configure(options);
        return (options, check.Validate(null, options).Failures?.ToList() ?? []);
    }
}
