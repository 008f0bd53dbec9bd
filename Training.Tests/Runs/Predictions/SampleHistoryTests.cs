using Dashboard.Pages.Wording;
using Dashboard.Runs.Predictions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using Training.Tests.Pages.Review;
using static Training.Tests.Pages.Review.ReviewRun;

namespace Training.Tests.Runs.Predictions;

public sealed class SampleHistoryTests
{
    private static readonly IStringLocalizer<Words> Words = new ServiceCollection()
        .AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<Words>>();

    [Fact]
    public async Task Of_ASample_GivesWhatEachEpochSawInIt()
    {
        using var run = new ReviewRun("cat", "dog");
        run.Epoch(Seen(5, 0, 1), Seen(2, 1, 1)).Epoch(Seen(5, 0, 0), Seen(2, 1, 1)).Epoch(Seen(2, 1, 0));
        var history = new SampleHistory(run.Settings);

        Assert.Equal([new SeenAs(1, 1), new SeenAs(2, 0)], await history.OfAsync(run.Row, [1, 2, 3, 9], 5));
        Assert.Equal([new SeenAs(1, 1), new SeenAs(2, 1), new SeenAs(3, 0)], await history.OfAsync(run.Row, [1, 2, 3], 2));
    }

    [Fact]
    public async Task Of_ARunThatBeganWithItsHead_BeginsWithEpochZero()
    {
        using var run = new ReviewRun("cat", "dog");
        run.Head(Seen(5, 0, 1)).Epoch(Seen(5, 0, 0));

        var seen = await new SampleHistory(run.Settings).OfAsync(run.Row, run.Epochs.Select(epoch => epoch.Epoch), 5);

        Assert.Equal([new SeenAs(0, 1), new SeenAs(1, 0)], seen);
        Assert.Equal("Wrong at epoch 0, right since 1.", HistoryWords.Of(seen, truth: 0, Words));
    }

    [Theory]
    [InlineData("✓✓✓", "Right in every epoch so far.")]
    [InlineData("✗✗✗", "Never learned: wrong in every epoch so far.")]
    [InlineData("✗✗✗✓✓", "Wrong at epochs 1–3, right since 4.")]
    [InlineData("✗✓", "Wrong at epoch 1, right since 2.")]
    [InlineData("✗✓✗✓", "Wrong at epochs 1, 3, right since 4.")]
    [InlineData("✓✓✗", "Forgotten: right until epoch 2, wrong since 3.")]
    [InlineData("✗✓✗✗", "Unsteady: wrong at epochs 1, 3–4.")]
    public void Words_ForAHistory_SayWhatHappened(string rightAndWrong, string sentence)
    {
        var seen = rightAndWrong.Select((mark, i) => new SeenAs(i + 1, mark == '✓' ? 0 : 1)).ToList();

        Assert.Equal(sentence, HistoryWords.Of(seen, truth: 0, Words));
    }

    [Fact]
    public void Words_WhenOnlySomeEpochsWereEvaluated_JoinNeighbours()
    {
        var seen = new[] { new SeenAs(5, 1), new SeenAs(10, 1), new SeenAs(15, 0) };

        Assert.Equal("Wrong at epochs 5–10, right since 15.", HistoryWords.Of(seen, truth: 0, Words));
    }
}
