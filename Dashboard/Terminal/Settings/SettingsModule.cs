using Dashboard.Storage;
using Microsoft.Extensions.Options;

namespace Dashboard.Terminal.Settings;

public static class SettingsModule
{
    public static IServiceCollection AddSettings(this IServiceCollection services)
    {
        services.AddSingleton<IConfigureOptions<DashboardOptions>, SettingsCheck>();
        services.AddSingleton<IValidateOptions<DashboardOptions>, SettingsCheck>();
        return services;
    }
}
