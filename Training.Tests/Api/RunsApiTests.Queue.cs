using System.Net;

namespace Training.Tests.Api;

public sealed partial class RunsApiTests
{
    [Fact]
    public async Task Priority_OfASubmittedRun_IsTheRecipesUntilItIsChanged()
    {
        await PostAsync("/api/runs", """{"dataset": "cats and dogs"}""");
        var second = await JsonAsync(await PostAsync("/api/runs", """{"dataset": "cats and dogs", "priority": "high"}"""));
        var id = second.GetProperty("id").GetInt32();
        Assert.Equal(("high", "Waiting for a free device"),
            (second.GetProperty("priority").GetString(), second.GetProperty("reason").GetString()));

        var lower = await JsonAsync(await _client.PostAsync($"/api/runs/{id}/priority?to=low", null));
        Assert.Equal(("low", "Waiting: 1 run before it"),
            (lower.GetProperty("priority").GetString(), lower.GetProperty("reason").GetString()));

        var wrong = await _client.PostAsync($"/api/runs/{id}/priority?to=urgent", null);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("low, normal, high", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.PostAsync("/api/runs/999/priority?to=low", null)).StatusCode);
        await _client.PostAsync($"/api/runs/{id}/stop", null);
        Assert.Equal(HttpStatusCode.Conflict, (await _client.PostAsync($"/api/runs/{id}/priority?to=low", null)).StatusCode);
    }
}
