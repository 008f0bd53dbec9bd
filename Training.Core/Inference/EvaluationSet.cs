using Training.Core.Data;
using Training.Core.Data.Folders;
using Training.Core.Metrics;

namespace Training.Core.Inference;

/// <summary>
/// The images of a scanned folder that a model can be measured on, and what is to be said of the others. A folder that nothing could be
/// trained on, with one class or with test images alone, is fine here.
/// </summary>
/// <param name="Manifest">With the model's classes; null when there is nothing to measure: then an error says why.</param>
/// <param name="Problems">Findings for evaluating, errors first.</param>
/// <param name="Coverage">Classes of the model that this folder says nothing, or next to nothing, about.</param>
public sealed record EvaluationSet(DatasetManifest? Manifest, IReadOnlyList<DatasetProblem> Problems, Coverage Coverage)
{
    /// <param name="classes">The model's, in the order of its outputs.</param>
    public static EvaluationSet Of(DatasetScan scan, IReadOnlyList<string> classes)
    {
        var problems = scan.Problems.Where(problem => problem.Purpose != FindingPurpose.Training).ToList();
        var held = Held(scan.Samples);
        var labels = ClassNames.Match(scan.Classes, classes);
        var known = held.Where(sample => labels[sample.Label] is not null)
            .Select(sample => sample with { Label = labels[sample.Label]!.Value }).ToList();
        problems.AddRange(Unknown(scan, held, labels, classes));
        problems.AddRange(Alike(scan, labels, classes));
        if (held.Count > 0 && known.Count == 0)
            problems.Add(Problem(ProblemSeverity.Error, "No image here belongs to a class of the model, so there is nothing to measure.",
                $"Name the folders as the model's classes: {Coverage.Named(classes)}."));
        var counts = known.CountBy(sample => sample.Label).ToDictionary();
        return new EvaluationSet(
            known.Count == 0 ? null : new DatasetManifest(System.IO.Path.GetFileName(scan.Root), scan.Root, classes, known),
            [.. problems.OrderByDescending(problem => problem.Severity)],
            Coverage.Of(classes, label => counts.GetValueOrDefault(label)));
    }

    /// <summary>What a run on this folder would validate on; everything where there are no splits, or nothing else.</summary>
    private static IReadOnlyList<Sample> Held(IReadOnlyList<Sample> samples)
    {
        foreach (var split in new[] { Split.Val, Split.Test })
            if (samples.Any(sample => sample.Split == split)) return [.. samples.Where(sample => sample.Split == split)];
        return samples;
    }

    private static IEnumerable<DatasetProblem> Alike(DatasetScan scan, int?[] labels, IReadOnlyList<string> classes)
    {
        var pairs = scan.Classes.Zip(labels).Where(pair => pair.Second is { } label && !ClassNames.Same(pair.First, classes[label]))
            .Select(pair => $"'{pair.First}' and '{classes[pair.Second!.Value]}'").ToList();
        if (pairs.Count > 0)
            yield return Problem(ProblemSeverity.Warning,
                $"Folders are written differently than the model's classes: {string.Join(", ", pairs)}. They count as the same class.",
                "Nothing to do.");
    }

    private static IEnumerable<DatasetProblem> Unknown(
        DatasetScan scan, IReadOnlyList<Sample> held, int?[] labels, IReadOnlyList<string> classes)
    {
        foreach (var (label, name) in scan.Classes.Index())
        {
            if (labels[label] is not null || held.Count(sample => sample.Label == label) is not (> 0 and var count)) continue;
            var alike = classes.FirstOrDefault(other => ClassNames.Alike(other, name));
            var images = count == 1 ? "its one image is" : $"its {count} images are";
            yield return Problem(ProblemSeverity.Warning,
                $"The model does not know '{name}': {images} left out of the figures. The model's classes are {Coverage.Named(classes)}.",
                alike is null ? "Rename the folder if it is one of them under another name."
                    : $"Rename the folder to '{alike}' if it is the same.");
        }
    }

    private static DatasetProblem Problem(ProblemSeverity severity, string message, string remedy) =>
        new(severity, null, message, remedy) { Purpose = FindingPurpose.Evaluating };
}
