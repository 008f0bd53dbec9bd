using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Dashboard.Access.Doors;
using Dashboard.Datasets.Imports;
using Dashboard.Processes;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Dashboard.Terminal.Settings;

/// <summary>Reads section Dashboard into <see cref="DashboardOptions"/> and says all that is wrong with it at once, by key.</summary>
internal sealed class SettingsCheck(IConfiguration configuration) : IConfigureOptions<DashboardOptions>, IValidateOptions<DashboardOptions>
{
    private static readonly IReadOnlyList<PropertyInfo> Properties =
        [.. typeof(DashboardOptions).GetProperties().Where(property => property.SetMethod is not null)];

    private IConfigurationSection Section => configuration.GetSection(DashboardOptions.Section);

    public void Configure(DashboardOptions options)
    {
        foreach (var property in Properties)
            if (Section[property.Name] is { } text && TryRead(property, text, out var value)) property.SetValue(options, value);
    }

    public ValidateOptionsResult Validate(string? name, DashboardOptions options)
    {
        var errors = Unknown().Concat(Unreadable()).Concat(OutOfRange(options)).Concat(Libtorch(options)).Concat(Doors(options)).ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>A mistyped key would be overlooked, and the dashboard would start over an empty data root.</summary>
    private IEnumerable<string> Unknown() =>
        from child in Section.GetChildren()
        where !Properties.Any(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
        select $"{DashboardOptions.Section}:{child.Key} is not a setting. The settings are: "
            + $"{string.Join(", ", Properties.Select(property => property.Name))}.";

    private IEnumerable<string> Unreadable() =>
        from property in Properties
        let text = Section[property.Name]
        where text is not null && !TryRead(property, text, out _)
        select $"{DashboardOptions.Section}:{property.Name}: '{text}' is not {Expected(property.PropertyType)}.";

    private static IEnumerable<string> OutOfRange(DashboardOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Select(result => $"{DashboardOptions.Section}:{string.Join(", ", result.MemberNames)}: {result.ErrorMessage}");
    }

    private static IEnumerable<string> Libtorch(DashboardOptions options) =>
        options.LibtorchFolder.Length > 0 && new LibtorchFolder(options.LibtorchFolder).Problem() is { } problem
            ? [$"{DashboardOptions.Section}:{nameof(options.LibtorchFolder)}: {problem}"]
            : [];

    private static IEnumerable<string> Doors(DashboardOptions options)
    {
        if (ServerCertificate.Problem(options) is { } certificate) yield return certificate;
        if (PostgresProblem(options) is { } postgres) yield return $"{DashboardOptions.Section}:{nameof(options.Postgres)}: {postgres}";
        if (RedisProblem(options) is { } redis) yield return $"{DashboardOptions.Section}:{nameof(options.Redis)}: {redis}";
        if (AllowedFolders.Problem(options.DatasetFolders) is { } folders) yield return $"{AllowedFolders.Key}: {folders}";
        if (TrustedProxies.Problem(options.TrustedProxies) is { } proxies)
            yield return $"{DashboardOptions.Section}:{nameof(options.TrustedProxies)}: {proxies}";
    }

    private static string? PostgresProblem(DashboardOptions options)
    {
        if (options.Postgres.Length == 0) return null;
        const string asIn = "Write it like Host=db.example;Database=dashboard;Username=dashboard;Password=….";
        try
        {
            return string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(options.Postgres).Host) ? $"It names no server. {asIn}" : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException)
        {
            return $"{exception.Message} {asIn}";
        }
    }

    private static string? RedisProblem(DashboardOptions options)
    {
        if (!options.IsOneOfSeveral) return null;
        if (options.Postgres.Length == 0)
            return "Redis is for several dashboards over one PostgreSQL database: set Dashboard:Postgres too, or leave Redis out. A "
                + "dashboard of its own needs neither.";
        try
        {
            return ConfigurationOptions.Parse(options.Redis).EndPoints.Count > 0
                ? null : "It names no server. Write it like redis.example:6379,password=….";
        }
        catch (ArgumentException exception)
        {
            return $"{exception.Message} Write it like redis.example:6379,password=….";
        }
    }

    private static bool TryRead(PropertyInfo property, string text, out object? value)
    {
        value = null;
        try
        {
            value = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromInvariantString(text);
            return true;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string Expected(Type type) =>
        type == typeof(bool) ? "true or false" : type == typeof(int) || type == typeof(long) ? "a whole number" : $"a {type.Name}";
}
