namespace Dashboard.Pages.Wording;

/// <summary>
/// Names the resource of all texts of the interface: pages write <c>@L["New run"]</c>, the English text is the key,
/// and a translation is one file, Layout/Words.ko.resx.
/// </summary>
public sealed class Words;
