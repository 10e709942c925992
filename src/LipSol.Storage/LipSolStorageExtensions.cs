using LipSol.Grains.Ports;
using LipSol.Storage.Metrics;
using LipSol.Storage.Runs;
using LipSol.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace LipSol.Storage;

/// <summary>Puts a silo on LipSol's storage.</summary>
public static class LipSolStorageExtensions
{
    // Orleans' name for SQLite; it loads Microsoft.Data.Sqlite under it.
    private const string SqliteInvariant = "System.Data.SQLite";

    /// <summary>
    /// Grain state (as the default provider), reminders, membership, metrics and the run index, on the database that <paramref name="options"/> names.
    /// The schema is brought up to date when the silo starts, before anything reads it.
    /// </summary>
    /// <exception cref="StorageException">(at the silo's start) The database can't be used.</exception>
    public static ISiloBuilder AddLipSolStorage(this ISiloBuilder silo, StorageOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Path);
        if (options.Provider != StorageProvider.Sqlite) throw new NotSupportedException($"There's no storage provider {options.Provider}.");

        var source = new SqliteDataSource(options);
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton(_ => source);
        silo.Services.AddSingleton<SqliteMigrations>();
        silo.Services.AddSingleton<SqliteMetricStore>();
        silo.Services.AddSingleton<IMetricStore>(services => services.GetRequiredService<SqliteMetricStore>());
        silo.Services.AddSingleton<IRunIndex, SqliteRunIndex>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SchemaAtStart>();

        // Orleans' own binary form: it follows [Id] and [Alias], so that states outlive renamed types.
        silo.Services.AddSingleton<OrleansGrainStorageSerializer>(services => new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()));
        silo.Services.AddOptions<AdoNetGrainStorageOptions>(Orleans.Providers.ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
            .Configure<OrleansGrainStorageSerializer>((storage, serializer) => storage.GrainStorageSerializer = serializer);
        silo.AddAdoNetGrainStorageAsDefault(storage =>
        {
            storage.Invariant = SqliteInvariant;
            storage.DataSource = source;
        });
        silo.UseAdoNetReminderService(reminders => reminders.Configure(o =>
        {
            o.Invariant = SqliteInvariant;
            o.DataSource = source;
        }));
        if (options.Membership)
        {
            silo.UseAdoNetClustering(clustering =>
            {
                clustering.Invariant = SqliteInvariant;
                clustering.DataSource = source;
            });
        }
        return silo;
    }

    private sealed class SchemaAtStart(SqliteMigrations migrations) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) =>
            lifecycle.Subscribe(nameof(SchemaAtStart), ServiceLifecycleStage.First, migrations.ApplyAsync);
    }
}
