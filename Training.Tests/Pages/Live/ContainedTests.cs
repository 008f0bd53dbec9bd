using Bunit;
using Dashboard.Pages.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Training.Tests.TestKit;

namespace Training.Tests.Pages.Live;

public sealed class ContainedTests : ComponentTests
{
    [Fact]
    public void Row_ThatThrows_LeavesTheOthersAndIsNamed()
    {
        var page = Render<Rows>(rows => rows.Add(component => component.Bad, 2));

        Assert.Equal(["row 1", "row 3"], page.FindAll("td.fine").Select(cell => cell.TextContent));
        Assert.StartsWith("Run 2 can't be shown", page.Find("td[colspan='3'] [role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_ThatIsWholeAgain_IsShownAgain()
    {
        var page = Render<Rows>(rows => rows.Add(component => component.Bad, 2));

        page.Render(rows => rows.Add(component => component.Bad, 0));

        Assert.Equal(["row 1", "row 2", "row 3"], page.FindAll("td.fine").Select(cell => cell.TextContent));
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    /// <summary>Three rows, one of which may throw.</summary>
    private sealed class Rows : ComponentBase
    {
        [Parameter] public int Bad { get; set; }

        protected override void BuildRenderTree(RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "table");
            builder.OpenElement(1, "tbody");
            foreach (var id in new[] { 1, 2, 3 })
            {
                builder.OpenComponent<Contained>(2);
                builder.SetKey(id);
                builder.AddComponentParameter(3, nameof(Contained.Name), $"Run {id}");
                builder.AddComponentParameter(4, nameof(Contained.Columns), 3);
                builder.AddComponentParameter(5, nameof(Contained.ChildContent), (RenderFragment)(row =>
                {
                    if (id == Bad) throw new OverflowException("2147483647");
                    row.AddMarkupContent(0, $"<tr><td class=\"fine\">row {id}</td></tr>");
                }));
                builder.CloseComponent();
            }
            builder.CloseElement();
            builder.CloseElement();
        }
    }
}
