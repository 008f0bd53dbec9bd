using Dashboard.Runs.Predictions;
using Training.Tests.Pages.Review;
using static Training.Tests.Pages.Review.ReviewRun;

namespace Training.Tests.Runs.Predictions;

public sealed class PredictionStoreTests : IDisposable
{
    private readonly ReviewRun _run = new("cat", "dog");
    private readonly PredictionStore _store;

    public PredictionStoreTests() => _store = new PredictionStore(_run.Settings);

    public void Dispose() => _run.Dispose();

    [Fact]
    public async Task Get_OfAnEvaluatedEpoch_GivesItsPredictionsAndMatrix()
    {
        _run.Epoch(Seen(0, 0, 0), Seen(1, 0, 1), Seen(2, 1, 1));

        var shown = await _store.GetAsync(_run.Row, 1);

        Assert.Equal([0, 1, 2], shown!.Predictions.Select(p => p.SampleId));
        Assert.Equal((1, 1, 0, 1), (shown.Matrix[0, 0], shown.Matrix[0, 1], shown.Matrix[1, 0], shown.Matrix[1, 1]));
        Assert.Equal(1, shown.Wrong);
    }

    [Fact]
    public async Task Get_OfAnEpochThatComesLater_IsNotRememberedAsMissing()
    {
        Assert.Null(await _store.GetAsync(_run.Row, 1));

        _run.Epoch(Seen(0, 0, 0));

        Assert.NotNull(await _store.GetAsync(_run.Row, 1));
    }

    [Fact]
    public async Task Get_Twice_GivesTheSameObject()
    {
        _run.Epoch(Seen(0, 0, 0));

        Assert.Same(await _store.GetAsync(_run.Row, 1), await _store.GetAsync(_run.Row, 1));
    }

    [Fact]
    public async Task Get_OfAFileWrittenAnew_ReadsItAgain()
    {
        _run.Epoch(Seen(0, 0, 0));
        await _store.GetAsync(_run.Row, 1);

        _run.Write(1, Seen(0, 0, 1), Seen(1, 1, 1));

        Assert.Equal(2, (await _store.GetAsync(_run.Row, 1))!.Predictions.Count);
    }

    [Fact]
    public async Task Get_OfAClassBeyondTheRunsClasses_WidensTheMatrix()
    {
        _run.Epoch(Seen(0, 4, 4));

        Assert.Equal(5, (await _store.GetAsync(_run.Row, 1))!.Matrix.Classes);
    }

    [Fact]
    public async Task Get_OfADamagedFile_NamesItAndTriesAgainLater()
    {
        _run.Epoch(Seen(0, 0, 0));
        var file = _run.Folder.Predictions(1);
        await File.WriteAllTextAsync(file, "no parquet");

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => _store.GetAsync(_run.Row, 1));
        Assert.Contains(Path.GetFileName(file), error.Message, StringComparison.Ordinal);

        _run.Write(1, Seen(0, 0, 0));
        Assert.NotNull(await _store.GetAsync(_run.Row, 1));
    }
}
