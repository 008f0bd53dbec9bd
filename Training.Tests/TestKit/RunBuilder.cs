using System.Globalization;
using System.Text.Json;
using Dashboard.Storage;
using Microsoft.Extensions.Options;
using Training.Core.Data;
using Training.Core.Metrics.Predictions;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Training.Tests.TestKit;

/// <summary>
/// Stores a dataset with real images and a run that went through the store as a trainer's would: queued, taken, events applied,
/// predictions written. Everything follows from <see cref="Seed"/>. Build runs that stay queued last: others would be taken first.
/// </summary>
public sealed class RunBuilder(DashboardApp app)
{
    public const string Token = "test-token-hash";

    public string DatasetName { get; init; } = "cats and dogs";
    public string Name { get; init; } = "cats and dogs · transfer";
    public IReadOnlyList<string> Classes { get; init; } = ["cat", "dog", "rabbit"];
    public int TrainSamples { get; init; } = 48;
    public int ValSamples { get; init; } = 24;
    public int Epochs { get; init; } = 4;

    /// <summary>Epochs that are reported; less than <see cref="Epochs"/> for a run under way.</summary>
    public int? DoneEpochs { get; init; }
    public int StepsPerEpoch { get; init; } = 10;
    public int Seed { get; init; } = 1;

    /// <summary>Where the run ends up: Queued, Preparing, Training or an ended state.</summary>
    public RunState State { get; init; } = RunState.Completed;
    public string Reason { get; init; } = "";
    public TrainingMode Mode { get; init; } = TrainingMode.Transfer;
    public string Machine { get; init; } = "testbox";
    public bool Images { get; init; } = true;
    public bool Predictions { get; init; } = true;

    /// <summary>The sequence number after which a test may apply more events.</summary>
    public long LastSequence { get; private set; }

    /// <summary>What the built run's trainer says, for tests that let it go on.</summary>
    public TrainerReports? Reports { get; private set; }

    /// <summary>The run, as the store gives it.</summary>
    public async Task<RunRow> BuildAsync(DatasetRow? dataset = null)
    {
        dataset ??= await BuildDatasetAsync();
        var samples = Samples();
        var run = await AddRunAsync(dataset, samples);
        if (State != RunState.Queued) await TrainAsync(run, samples.Where(sample => sample.Split == Split.Val).ToList());
        return (await app.Runs.GetAsync(run.Id))!;
    }

    public async Task<DatasetRow> BuildDatasetAsync()
    {
        var samples = Samples();
        var counts = new int[Classes.Count][];
        for (var label = 0; label < Classes.Count; label++)
            counts[label] = [.. Enum.GetValues<Split>().Select(split => samples.Count(s => s.Label == label && s.Split == split))];
        var dataset = new DatasetRow
        {
            Name = DatasetName, Root = Path.Combine(app.DataRoot, "seeded", Guid.NewGuid().ToString("N")), State = DatasetState.Ready,
            Classes = [.. Classes], CountsJson = JsonSerializer.Serialize(counts), CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        if (Images)
            foreach (var sample in samples) TestImages.Write(Path.Combine(dataset.Root, sample.Path), sample.Label, $"#{sample.Id}");
        await using var db = app.Database();
        db.Datasets.Add(dataset);
        await db.SaveChangesAsync();
        db.Samples.AddRange(samples.Select(sample => new SampleRow
        {
            DatasetId = dataset.Id, SampleId = sample.Id, Path = sample.Path, Label = sample.Label, Split = sample.Split,
            Width = sample.Width, Height = sample.Height,
        }));
        await db.SaveChangesAsync();
        return dataset;
    }

    private List<Sample> Samples()
    {
        var places = from split in new[] { Split.Train, Split.Val }
                     from index in Enumerable.Range(0, split == Split.Train ? TrainSamples : ValSamples)
                     let label = index % Classes.Count
                     let path = $"{(split == Split.Train ? "train" : "val")}/{Folder(label)}/{index:D4}.jpg"
                     orderby path
                     select (path, label, split);
        return [.. places.Select((place, id) => new Sample(id, place.path, place.label, place.split) { Width = 160, Height = 120 })];
    }

    /// <summary>A class may be named with characters that no folder takes.</summary>
    private string Folder(int label) => string.Concat(Classes[label].Select(c => Path.GetInvalidFileNameChars().Contains(c) ? '_' : c));

    private async Task<RunRow> AddRunAsync(DatasetRow dataset, IReadOnlyList<Sample> samples)
    {
        var recipe = new Recipe { Dataset = dataset.Id.ToString(CultureInfo.InvariantCulture), Name = Name, Mode = Mode, Epochs = Epochs };
        var run = new RunRow
        {
            Name = Name, DatasetId = dataset.Id, DatasetName = dataset.Name, Classes = [.. Classes], Epochs = Epochs,
            RecipeJson = JsonSerializer.Serialize(recipe, CoreJson.Options), CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        var options = app.Get<IOptions<DashboardOptions>>().Value;
        await app.Runs.AddAsync(
            run, id => options.RunFolder(id).Write(recipe, new DatasetManifest(dataset.Name, dataset.Root, Classes, samples)), default);
        return run;
    }

    private async Task TrainAsync(RunRow run, IReadOnlyList<Sample> validation)
    {
        RunRow? taken;
        do taken = await app.Runs.TakeNextAsync(Machine, Token);
        while (taken is not null && taken.Id != run.Id);
        Reports = new TrainerReports(this, run.Id, validation);
        if (State == RunState.Preparing) return;
        for (var epoch = 1; epoch <= (DoneEpochs ?? Epochs); epoch++) WritePredictions(run.Id, epoch);
        LastSequence = await app.Runs.ApplyAsync(run.Id, 1, Reports.Entries());
    }

    public void WritePredictions(int runId, int epoch)
    {
        if (!Predictions) return;
        var folder = app.Get<IOptions<DashboardOptions>>().Value.RunFolder(runId);
        Directory.CreateDirectory(folder.PredictionsFolder);
        PredictionFile.Write(folder.Predictions(epoch), Reports!.PredictionsOf(epoch));
    }
}
