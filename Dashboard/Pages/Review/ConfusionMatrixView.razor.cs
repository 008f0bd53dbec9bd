using System.Text.Json;
using Dashboard.Pages.Wording;
using Dashboard.Runs;
using Dashboard.Runs.Predictions;
using Microsoft.AspNetCore.Components;
using Training.Core.Metrics;

namespace Dashboard.Pages.Review;

/// <summary>Which class is taken for which, in one epoch; every number opens its images.</summary>
public sealed partial class ConfusionMatrixView
{
    private IReadOnlyList<ConfusedPair> _pairs = [];
    private (EpochPredictions Shown, MatrixOrder Order, int From)? _laidOut;
    private MatrixLayout? _layout;

    [SupplyParameterFromQuery(Name = "order")] public string? OrderText { get; set; }

    [SupplyParameterFromQuery(Name = "from")] public string? FromText { get; set; }

    [SupplyParameterFromQuery(Name = "percent")] public string? PercentText { get; set; }

    [SupplyParameterFromQuery(Name = "cells")] public string? CellsText { get; set; }

    private protected override ReviewAddress Address => new(Run.Id, ReviewAddress.Matrix)
    {
        Epoch = Picked,
        Order = Order == DefaultOrder ? null : NameOf(Order),
        From = From,
        Percent = IsPercent,
        Cells = NameOf(Cells),
    };

    private bool IsPercent => ReviewAddress.YesNo(PercentText) ?? false;

    private MatrixCells Cells => Enum.GetValues<MatrixCells>().FirstOrDefault(size => NameOf(size) == CellsText);

    private int From => ReviewAddress.Number(FromText) ?? 0;

    // Few classes are found fastest by name; of many, only the confused ones are worth the first look.
    private MatrixOrder DefaultOrder => Run.Classes.Count > MatrixLayout.Window ? MatrixOrder.MostConfused : MatrixOrder.Name;

    private MatrixOrder Order
    {
        get
        {
            foreach (var order in Enum.GetValues<MatrixOrder>())
                if (string.Equals(NameOf(order), OrderText, StringComparison.Ordinal)) return order;
            return DefaultOrder;
        }
    }

    // Computed when it is drawn, since the window and the order come from the address and the counts from the epoch.
    private MatrixLayout? Layout
    {
        get
        {
            if (Shown is null) return null;
            var wanted = (Shown, Order, From);
            if (_laidOut != wanted) (_laidOut, _layout) = (wanted, MatrixLayout.Of(Shown.Matrix, Name, Order, From));
            return _layout;
        }
    }

    private WilsonInterval? Interval => Shown is null ? null : WilsonInterval.Of(Shown.Matrix.Correct, Shown.Matrix.Total);

    private string Range => Figures.Interval(Interval) is { Length: > 0 } wide ? " · " + wide : "";

    private protected override void ShownChanged() => _pairs = Shown!.Matrix.MostConfused(int.MaxValue);

    private string Name(int label) => Run.ClassName(label);

    private void Move(int classes) => Go(Address with { From = Math.Clamp(Layout!.From + classes, 0, Layout.Total) });

    private void Go(ReviewAddress address) => Navigation.NavigateTo(address.ToString(), replace: true);

    private string Word(MatrixOrder order) => order switch
    {
        MatrixOrder.MostConfused => L["most confused"],
        MatrixOrder.Support => L["most images"],
        _ => L["A–Z"],
    };

    private string Word(MatrixCells size) => size switch
    {
        MatrixCells.Fit => L["fit"],
        MatrixCells.Large => L["large"],
        _ => L["normal"],
    };

    private string Hint(MatrixCells size) => size switch
    {
        MatrixCells.Fit => L["All classes at once, without words and numbers: point at a cell to read them"],
        MatrixCells.Large => L["Roomy cells; scroll for the rest"],
        _ => L["Names and numbers; scroll for the rest"],
    };

    /// <summary>Null for the usual size, which no address names.</summary>
    private static string? NameOf(MatrixCells size) =>
        size == MatrixCells.Normal ? null : JsonNamingPolicy.CamelCase.ConvertName(size.ToString());

    private static string NameOf(MatrixOrder order) => JsonNamingPolicy.CamelCase.ConvertName(order.ToString());

    private static string Pressed(bool isOn) => isOn ? "true" : "false";
}

public enum MatrixCells { Normal, Fit, Large }
