using System.Reflection;
using System.Runtime.CompilerServices;
using Dashboard.Storage;
using Training.Core.Runs;

namespace Training.Tests.House;

/// <summary>A type that asks for more than this is several things, which want names of their own.</summary>
public sealed class ConstructorsTests
{
    private const int MostServices = 8;
    private const int MostMembers = 12;

    public static TheoryData<string> Projects => ["Training.Core", "Dashboard"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Class_IsMadeOfAtMostEightOthers(string project) => AssertNone(
        from type in Written(project)
        where !IsRecord(type)
        from constructor in ConstructorsOf(type)
        let count = constructor.GetParameters().Count(parameter => !parameter.ParameterType.IsValueType)
        where count > MostServices
        select $"{type.FullName}: {count} services");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Record_HasAtMostTwelvePositionalMembers(string project) => AssertNone(
        from type in Written(project)
        where IsRecord(type)
        from constructor in ConstructorsOf(type)
        let count = constructor.GetParameters().Length
        where count > MostMembers
        select $"{type.FullName}: {count} members");

    private static ConstructorInfo[] ConstructorsOf(Type type) =>
        type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);

    /// <summary>Neither by a compiler or generator nor by EF's tools.</summary>
    private static IEnumerable<Type> Written(string project) =>
        (project == "Dashboard" ? typeof(DashboardDb) : typeof(RunFolder)).Assembly.GetTypes().Where(type =>
            !type.IsSubclassOf(typeof(Delegate)) && !type.Name.Contains('<', StringComparison.Ordinal)
            && type.FullName!.StartsWith(project + ".", StringComparison.Ordinal)
            && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
            && !type.FullName.Contains(".Migrations", StringComparison.Ordinal));

    /// <summary>Only records can print their members, those that are structs too.</summary>
    private static bool IsRecord(Type type) =>
        type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is not null;

    private static void AssertNone(IEnumerable<string> found) => Assert.True(!found.Any(), string.Join('\n', found));
}
