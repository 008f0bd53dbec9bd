using System.Globalization;
using Dashboard.Pages.Wording;
using Microsoft.Extensions.Localization;

namespace Training.Tests.TestKit;

/// <summary>The interface's own English: every key is its text.</summary>
public sealed class EnglishWords : IStringLocalizer<Words>
{
    public static IStringLocalizer<Words> Localizer { get; } = new EnglishWords();

    public LocalizedString this[string name] => new(name, name);

    public LocalizedString this[string name, params object[] arguments] =>
        new(name, string.Format(CultureInfo.CurrentCulture, name, arguments));

    public IEnumerable<LocalizedString> GetAllStrings(bool includeParentCultures) => [];
}
