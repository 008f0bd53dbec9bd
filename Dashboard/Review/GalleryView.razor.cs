using Dashboard.Storage;
using Microsoft.AspNetCore.Components;

namespace Dashboard.Review;

public sealed partial class GalleryView
{
    [Parameter, EditorRequired] public required RunRow Run { get; set; }

    [Parameter, EditorRequired] public required IReadOnlyList<EpochRow> Epochs { get; set; }
}
