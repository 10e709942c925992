using System.Reflection;

namespace LipSol.Silo.Node;

/// <summary>The version of LipSol that runs, with the commit where the build knew it.</summary>
internal static class NodeVersion
{
    public static string Text { get; } =
        typeof(NodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
}
