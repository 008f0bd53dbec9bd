using System.Globalization;
using System.Reflection;
using Dashboard.Pages.Shell;
using Dashboard.Storage;
using Microsoft.AspNetCore.Components;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.SlowNetwork;

/// <summary>Every page that there is, found by its route, of a dashboard with something in it: a page that comes later is tried too.</summary>
internal static class AllPages
{
    /// <summary>Pages for those who aren't signed in are plain forms, and one that is not there has nothing to try.</summary>
    private static readonly string[] Others = ["/sign-in", "/first-account", "/not-found"];

    /// <summary>What stands behind addresses: tabs of a run.</summary>
    private static readonly string[] Tabs = ["curves", "matrix", "images", "classes", "try", "files", "log", "recipe"];

    /// <summary>Paths with ids of a run and its dataset in them.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(DashboardApp app)
    {
        var run = await new RunBuilder(app)
        {
            DatasetName = "고양이와 강아지", Name = "고양이와 강아지 사진 이천 장으로 미세 조정한 아주 긴 이름의 런", State = RunState.Completed, DoneEpochs = 3,
        }.BuildAsync();
        var paths = typeof(MainLayout).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>())
            .Select(route => Filled(route.Template, run)).Distinct().Except(Others).Order(StringComparer.Ordinal).ToList();
        return [.. paths, .. Tabs.Select(tab => Filled($"/runs/{{Id:int}}?tab={tab}", run))];
    }

    private static string Filled(string template, RunRow run)
    {
        var id = (template.Contains("dataset", StringComparison.Ordinal) ? run.DatasetId : run.Id).ToString(CultureInfo.InvariantCulture);
        return System.Text.RegularExpressions.Regex.Replace(template, @"\{\w+(:int)?\}", id);
    }
}
