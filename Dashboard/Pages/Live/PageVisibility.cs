namespace Dashboard.Pages.Live;

/// <summary>Whether the browser tab of this circuit is seen. Scoped: one per page. A hidden tab pulls nothing.</summary>
public sealed class PageVisibility
{
    public bool IsVisible { get; private set; } = true;

    public event Action? Changed;

    public void Set(bool visible)
    {
        if (visible == IsVisible) return;
        IsVisible = visible;
        Changed?.Invoke();
    }
}
