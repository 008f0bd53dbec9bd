using System.Globalization;
using Dashboard.Runs;
using Microsoft.AspNetCore.Components;
using Training.Core.Metrics;

namespace Dashboard.Pages.Review;

/// <summary>How well each class is recognised; each row opens its wrong images.</summary>
public sealed partial class ClassReportView
{
    private ClassReport? _report;
    private List<ClassLine> _lines = [];

    /// <summary>A column's name, with a minus before it: falling.</summary>
    [SupplyParameterFromQuery(Name = "order")] public string? OrderText { get; set; }

    private protected override ReviewAddress Address => new(Run.Id, ReviewAddress.Classes) { Epoch = Picked, Order = OrderText };

    private (string Column, string Word, string Help)[] Columns =>
    [
        ("name", L["Class"], L["Sort by name"]),
        ("precision", L["Precision"], L["Of what was seen as the class, the share that is it"]),
        ("recall", L["Recall"], L["Of the class's images, the share that was recognised"]),
        ("f1", L["F1"], L["Harmonic mean of precision and recall"]),
        ("support", L["Images"], L["Validation images of the class (support)"]),
    ];

    // The weakest class first: that is where looking pays.
    private string Order => Columns.Any(c => c.Column == OrderText?.TrimStart('-')) ? OrderText! : "f1";

    private IEnumerable<ClassLine> Rows
    {
        get
        {
            var falling = Order.StartsWith('-');
            return Order.TrimStart('-') switch
            {
                "name" => Sorted(line => Run.ClassName(line.Label), StringComparer.CurrentCultureIgnoreCase, falling),
                "precision" => Sorted(line => line.Precision, null, falling),
                "recall" => Sorted(line => line.Recall, null, falling),
                "support" => Sorted(line => line.Score.Support, null, falling),
                _ => Sorted(line => line.F1, null, falling),
            };
        }
    }

    private protected override void ShownChanged()
    {
        var matrix = Shown!.Matrix;
        _report = ClassReport.Of(matrix);
        _lines = [.. _report.Classes.Select((score, label) =>
            new ClassLine(label, score, matrix.PredictedCount(label), matrix[label, label]))];
    }

    /// <summary>What isn't known comes last in either order.</summary>
    private IEnumerable<ClassLine> Sorted<T>(Func<ClassLine, T> by, IComparer<T>? comparer, bool falling)
    {
        var known = _lines.OrderBy(line => by(line) is null);
        return (falling ? known.ThenByDescending(by, comparer) : known.ThenBy(by, comparer)).ThenBy(line => line.Label);
    }

    private void SortBy(string column) => Navigation.NavigateTo(
        (Address with { Order = Order == column ? "-" + column : column }).ToString(), replace: true);

    private string AriaSort(string column) => Order == column ? "ascending" : Order == "-" + column ? "descending" : "none";

    private string Arrow(string column) => Order == column ? "↑" : Order == "-" + column ? "↓" : "";

    private string Link(int? truth = null, int? predicted = null, bool? wrong = null) =>
        ReviewAddress.ImagesOf(Run.Id, Shown!.Epoch, truth, predicted, wrong);

    private static string Width(double share) => string.Create(CultureInfo.InvariantCulture, $"width:{share * 100:0.#}%");

    /// <param name="Seen">Images that were seen as the class.</param>
    /// <param name="Hits">Those of them that are it.</param>
    private readonly record struct ClassLine(int Label, ClassScore Score, int Seen, int Hits)
    {
        /// <summary>Images of the class that were seen as something else.</summary>
        public int Missed => Score.Support - Hits;

        /// <summary>Images of other classes that were seen as this one.</summary>
        public int Mistaken => Seen - Hits;

        /// <summary>Null where there is nothing to take a share of.</summary>
        public double? Precision => Seen > 0 ? Score.Precision : null;

        public double? Recall => Score.IsMeasured ? Score.Recall : null;

        public double? F1 => Score.IsMeasured ? Score.F1 : null;
    }
}
