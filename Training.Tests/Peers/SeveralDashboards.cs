using Training.Tests.Storage;
using Training.Tests.TestKit;

namespace Training.Tests.Peers;

/// <summary>What several dashboards share, each a real server, and a browser to look at them.</summary>
[CollectionDefinition(Name)]
public sealed class SeveralDashboards : ICollectionFixture<PostgresServer>, ICollectionFixture<RedisServer>, ICollectionFixture<Browser>
{
    public const string Name = "Several dashboards";
}
