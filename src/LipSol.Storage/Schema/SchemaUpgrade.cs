using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Extensions.Logging;

namespace LipSol.Storage.Schema;

/// <summary>Brings a schema up to date: embedded scripts in order of their names, each once, each in a transaction. Whoever calls it holds the database's lock.</summary>
internal static class SchemaUpgrade
{
    /// <param name="builder">DbUp for the database.</param>
    /// <param name="folder">The scripts' folder, as in "Sqlite.Migrations".</param>
    /// <param name="database">The database, for people.</param>
    /// <param name="only">Which scripts there are; null: all. (Tests make databases of earlier versions with it.)</param>
    /// <param name="logger">Where DbUp's own words go.</param>
    /// <exception cref="StorageException">A script failed and changed nothing; or the database was made by a newer LipSol.</exception>
    public static void Perform(UpgradeEngineBuilder builder, string folder, string database, Func<string, bool>? only, ILogger logger)
    {
        string prefix = $"{typeof(SchemaUpgrade).Assembly.GetName().Name}.{folder}.";
        UpgradeEngine engine = builder
            .WithScriptsEmbeddedInAssembly(typeof(SchemaUpgrade).Assembly, name => name.StartsWith(prefix, StringComparison.Ordinal) && (only?.Invoke(name[prefix.Length..]) ?? true))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new LoggerLog(logger))
            .Build();
        RefuseNewer(engine, prefix, database);
        DatabaseUpgradeResult result = engine.PerformUpgrade();
        if (!result.Successful) throw new StorageException($"{Sentence(database)} can't be brought up to date: {result.ErrorScript?.Name}: {result.Error.Message}", result.Error);
    }

    /// <summary>The names of the scripts in a folder, in order.</summary>
    public static List<string> Scripts(string folder)
    {
        string prefix = $"{typeof(SchemaUpgrade).Assembly.GetName().Name}.{folder}.";
        return [.. typeof(SchemaUpgrade).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..]).Order(StringComparer.Ordinal)];
    }

    private static void RefuseNewer(UpgradeEngine engine, string prefix, string database)
    {
        List<string> executed;
        try
        {
            executed = engine.GetExecutedScripts();
        }
        catch (Exception e)
        {
            throw new StorageException($"{Sentence(database)} can't be brought up to date: {e.Message}", e);
        }
        string[] unknown = [.. executed.Except(engine.GetDiscoveredScripts().Select(s => s.Name)).Order(StringComparer.Ordinal)];
        if (unknown.Length == 0) return;
        string names = string.Join(", ", unknown.Select(n => n.StartsWith(prefix, StringComparison.Ordinal) ? n[prefix.Length..] : n));
        throw new StorageException($"{Sentence(database)} was made by a newer version of LipSol than this one ({typeof(SchemaUpgrade).Assembly.GetName().Version?.ToString(3)}): "
            + $"it holds changes that this version doesn't know ({names}). Start that version, or take a backup from before it was started.");
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private sealed class LoggerLog(ILogger logger) : IUpgradeLog
    {
        public void LogTrace(string format, params object[] args) => logger.LogTrace(format, args);
        public void LogDebug(string format, params object[] args) => logger.LogDebug(format, args);
        public void LogInformation(string format, params object[] args) => logger.LogDebug(format, args);
        public void LogWarning(string format, params object[] args) => logger.LogWarning(format, args);
        public void LogError(string format, params object[] args) => logger.LogError(format, args);
        public void LogError(Exception ex, string format, params object[] args) => logger.LogError(ex, format, args);
    }
}
