using Training.Core.Data;
using Training.Core.Recipes;
using Training.Core.Runs;

namespace Dashboard.Storage;

/// <summary>A folder of labelled photos that someone added.</summary>
public sealed class DatasetRow
{
    public int Id { get; set; }

    /// <summary>Unique, as people wrote it; a deleted dataset gives its name free by carrying its id behind it.</summary>
    public required string Name { get; set; }

    /// <summary>Absolute folder of the images.</summary>
    public required string Root { get; set; }

    public DatasetOrigin Origin { get; set; }

    /// <summary>Whether the files lie under the data root and go with the dataset.</summary>
    public bool Owned => Origin != DatasetOrigin.Folder;

    /// <summary>
    /// Added from another computer: the files have to lie in the folders that are open to those (setting Dashboard:DatasetFolders).
    /// </summary>
    public bool IsFenced { get; set; }

    public DatasetState State { get; set; }

    /// <summary>Why it failed, or how far the scan is.</summary>
    public string Message { get; set; } = "";

    /// <summary>In label order.</summary>
    public List<string> Classes { get; set; } = [];

    /// <summary>JSON of <see cref="DatasetProblem"/>s.</summary>
    public string ProblemsJson { get; set; } = "[]";

    /// <summary>Samples by class and split, JSON of int[classes][3].</summary>
    public string CountsJson { get; set; } = "[]";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>
    /// A deleted dataset is hidden everywhere; it stays so that finished runs still find their images. Null: not deleted.
    /// </summary>
    public DateTimeOffset? DeletedAt { get; set; }
}

public enum DatasetState { Scanning, Ready, Failed }

/// <summary>Where a dataset's files come from: a folder left in place, an uploaded zip, or drawn by the dashboard.</summary>
public enum DatasetOrigin { Folder, Upload, Demo }

/// <summary>One image of a dataset; key: dataset and sample id.</summary>
public sealed class SampleRow
{
    public int DatasetId { get; set; }
    public int SampleId { get; set; }
    public required string Path { get; set; }
    public int Label { get; set; }
    public Split Split { get; set; }
    public string Sha256 { get; set; } = "";
    public long Bytes { get; set; }
    public int Width { get; set; }
    public int Height { get; set; }

    /// <summary>The last scan didn't find the file. The row stays, so that its id is never given to another file.</summary>
    public bool Gone { get; set; }

    public Sample ToSample() => new(SampleId, Path, Label, Split) { Sha256 = Sha256, Bytes = Bytes, Width = Width, Height = Height };
}

/// <summary>A training and where it stands.</summary>
public sealed class RunRow
{
    public int Id { get; set; }
    public required string Name { get; set; }
    public int DatasetId { get; set; }
    public required string DatasetName { get; set; }
    public required string RecipeJson { get; set; }

    /// <summary>The dataset's classes when the run was submitted, in label order.</summary>
    public List<string> Classes { get; set; } = [];

    public RunState State { get; set; }

    /// <summary>Why it is in this state, in words.</summary>
    public string Reason { get; set; } = "";

    /// <summary>What it does before or between epochs, such as "Computing features of 1,040 images"; empty while steps run.</summary>
    public string Phase { get; set; } = "";
    public double? PhaseFraction { get; set; }

    public bool StopRequested { get; set; }
    public bool PauseRequested { get; set; }

    /// <summary>Number of the current attempt; 0 before the first.</summary>
    public int Attempt { get; set; }

    /// <summary>Attempts in a row whose trainer died without getting further than the one before.</summary>
    public int Deaths { get; set; }

    /// <summary>Where it trains or trained last; empty before the first attempt.</summary>
    public string Machine { get; set; } = "";

    /// <summary>What may train it: a machine's name, <see cref="Recipe.AnyGpu"/>, <see cref="Recipe.AnyCpu"/>, or empty for any.</summary>
    public string BoundTo { get; set; } = "";

    /// <summary>While it waits: before all of lower priority.</summary>
    public RunPriority Priority { get; set; }

    /// <summary>Place among those of its priority, lowest first; of equal ones the older run.</summary>
    public int Place { get; set; }
    public string Device { get; set; } = "";
    public string Precision { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>
    /// When the first attempt was launched, moved on by the time between attempts: so the run's duration leaves pauses out.
    /// </summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When the first step ran, moved on like <see cref="StartedAt"/>.</summary>
    public DateTimeOffset? TrainingStartedAt { get; set; }

    /// <summary>When it completed, was stopped, failed or was paused.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When the trainer last reported something.</summary>
    public DateTimeOffset? LastEventAt { get; set; }

    /// <summary>
    /// Since when nobody answers for a live run, neither its trainer nor, before that one has come, its machine. Null: in contact.
    /// </summary>
    public DateTimeOffset? LostContactAt { get; set; }

    public int Epochs { get; set; }
    public int StepsPerEpoch { get; set; }
    public int TrainSamples { get; set; }
    public int ValSamples { get; set; }

    /// <summary>Last finished epoch, from 1; 0 before.</summary>
    public int Epoch { get; set; }

    /// <summary>Last finished step over the whole run, from 1; 0 before.</summary>
    public int Step { get; set; }
    public double ImagesPerSecond { get; set; }
    public int? BestEpoch { get; set; }
    public double? BestValAccuracy { get; set; }

    public Recipe Recipe => System.Text.Json.JsonSerializer.Deserialize<Recipe>(RecipeJson, CoreJson.Options)!;
}

/// <summary>One launch of a run; key: run and number.</summary>
public sealed class AttemptRow
{
    public int RunId { get; set; }
    public int Number { get; set; }

    /// <summary>SHA-256 of the secret that the trainer shows, lower-case hex.</summary>
    public required string TokenHash { get; set; }
    public required string Machine { get; set; }
    public int? ProcessId { get; set; }

    /// <summary>The process's start time in clock ticks since boot: with the id it names one process for ever.</summary>
    public long? ProcessStart { get; set; }
    public DateTimeOffset StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The run's last step when it was launched: 0 for the first attempt.</summary>
    public int FirstStep { get; set; }

    /// <summary>How it ended, in words; empty while it runs.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The trainer's process was gone before it reported an end.</summary>
    public bool Died { get; set; }

    /// <summary>Highest stored sequence number of this attempt's events.</summary>
    public long LastSequence { get; set; }
}

/// <summary>A computer that can train; key: its name.</summary>
public sealed class MachineRow
{
    public required string Name { get; set; }

    /// <summary>SHA-256 of the secret that it shows, lower-case hex; empty for the dashboard's own machine.</summary>
    public string KeyHash { get; set; } = "";
    public MachineMode Mode { get; set; }
    public MachineKind Kind { get; set; }

    /// <summary>So long it may stay away before its runs are taken up elsewhere.</summary>
    public int LeaseSeconds { get; set; } = 30;
    public string Version { get; set; } = "";
    public DateTimeOffset JoinedAt { get; set; }
    public DateTimeOffset? LastSeenAt { get; set; }

    /// <summary>JSON of the <see cref="Protocol.MachineReport"/> that was kept last; empty before the first.</summary>
    public string ReportJson { get; set; } = "";

    /// <summary>Since when the machine's secret opens nothing; the row stays for the runs that it trained. Null: not removed.</summary>
    public DateTimeOffset? RemovedAt { get; set; }
}

/// <summary>Active: takes runs. Draining: trains on, takes nothing new. Paused: its runs are paused too.</summary>
public enum MachineMode { Active, Draining, Paused }

/// <summary>Computer: trains itself. Slurm: a cluster that queues and places runs by itself.</summary>
public enum MachineKind { Computer, Slurm }

/// <summary>Lets machines join; shown once, then only its hash is known.</summary>
public sealed class JoinTokenRow
{
    public int Id { get; set; }
    public required string Name { get; set; }

    /// <summary>SHA-256, lower-case hex.</summary>
    public required string TokenHash { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? LastUsedAt { get; set; }
}

/// <summary>One training step; key: run and step.</summary>
public sealed class StepRow
{
    public int RunId { get; set; }
    public int Step { get; set; }
    public int Epoch { get; set; }

    /// <summary>Null stands for NaN, which SQLite can't store.</summary>
    public double? Loss { get; set; }
    public double LearningRate { get; set; }
    public double ImagesPerSecond { get; set; }
    public DateTimeOffset At { get; set; }
}

/// <summary>One evaluated epoch; key: run and epoch.</summary>
public sealed class EpochRow
{
    public int RunId { get; set; }
    public int Epoch { get; set; }
    public int Step { get; set; }
    public double? TrainLoss { get; set; }
    public double? ValLoss { get; set; }
    public double ValAccuracy { get; set; }
    public double TrainImagesPerSecond { get; set; }
    public double ValImagesPerSecond { get; set; }
    public double Seconds { get; set; }
    public bool IsBest { get; set; }
    public DateTimeOffset At { get; set; }
}

/// <summary>A line of a run's log; key: run, attempt and sequence.</summary>
public sealed class LogRow
{
    public int RunId { get; set; }
    public int Attempt { get; set; }
    public long Sequence { get; set; }
    public RunLogLevel Level { get; set; }
    public required string Text { get; set; }
    public DateTimeOffset At { get; set; }
}
