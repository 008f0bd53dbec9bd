using Microsoft.Extensions.Options;

namespace Dashboard.Settings;

public static class SettingsModule
{
    public static IServiceCollection AddSettings(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<DashboardOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<DashboardOptions>, SettingsCheck>();
        return services;
    }
}
