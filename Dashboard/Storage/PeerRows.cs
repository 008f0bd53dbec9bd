using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Dashboard.Storage;

/// <summary>One of several dashboards over this database; key: its name.</summary>
public sealed class DashboardRow
{
    public required string Name { get; set; }
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>By the database's clock, every 2 seconds.</summary>
    public DateTimeOffset HeardAt { get; set; }
}

/// <summary>A machine or a trainer that is, or was last, connected to one of several dashboards; key: both.</summary>
public sealed class ContactRow
{
    public required string Dashboard { get; set; }

    /// <summary>"machine NAME" or "run ID".</summary>
    public required string Who { get; set; }

    /// <summary>Of the run; 0 for a machine.</summary>
    public int Attempt { get; set; }

    /// <summary>By the database's clock. Null: it is connected, as long as the dashboard lives.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    internal static void Shape(EntityTypeBuilder<ContactRow> contact) => contact.HasKey(row => new { row.Dashboard, row.Who });
}
