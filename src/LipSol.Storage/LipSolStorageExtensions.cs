using System.Data.Common;
using LipSol.Grains.Ports;
using LipSol.Storage.Metrics;
using LipSol.Storage.Postgres;
using LipSol.Storage.Runs;
using LipSol.Storage.Sqlite;
using LipSol.Storage.Transcriptions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Serialization;
using Orleans.Storage;

namespace LipSol.Storage;

/// <summary>Puts a silo on LipSol's storage.</summary>
public static class LipSolStorageExtensions
{
    // Orleans' names for the databases; it loads Microsoft.Data.Sqlite under the first.
    private const string SqliteInvariant = "System.Data.SQLite", PostgresInvariant = "Npgsql";

    /// <summary>
    /// Grain state (as the default provider), reminders, membership, metrics and the run index, on the database that <paramref name="options"/> names.
    /// The schema is brought up to date when the silo starts, before anything reads it.
    /// </summary>
    /// <exception cref="StorageException">The options name no database; or (at the silo's start) the database can't be used.</exception>
    public static ISiloBuilder AddLipSolStorage(this ISiloBuilder silo, StorageOptions options)
    {
        options.Check();
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SchemaAtStart>();
        silo.AddIncomingGrainCallFilter<StorageErrorFilter>();
        // What a grain meets while it wakes doesn't pass through the filter.
        silo.Services.Configure<ExceptionSerializationOptions>(errors => errors.SupportedNamespacePrefixes.Add("Npgsql"));
        // Orleans' own binary form: it follows [Id] and [Alias], so that states outlive renamed types.
        silo.Services.AddSingleton<OrleansGrainStorageSerializer>(services => new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()));
        silo.Services.AddOptions<AdoNetGrainStorageOptions>(Orleans.Providers.ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)
            .Configure<OrleansGrainStorageSerializer>((storage, serializer) => storage.GrainStorageSerializer = serializer);
        return options.Provider == StorageProvider.PostgreSql ? silo.AddPostgres(options) : silo.AddSqlite(options);
    }

    private static ISiloBuilder AddSqlite(this ISiloBuilder silo, StorageOptions options)
    {
        var source = new SqliteDataSource(options);
        silo.Services.AddSingleton(_ => source);
        silo.Services.AddSingleton<SqliteMetricStore>();
        silo.Services.AddSingleton<IMetricStore>(services => services.GetRequiredService<SqliteMetricStore>());
        silo.Services.AddSingleton<IRunIndex, SqliteRunIndex>();
        silo.Services.AddSingleton(_ => new SqliteTranscriptions(options));
        silo.Services.AddSingleton<ITranscriptionStore>(services => new TranscriptionStore(services.GetRequiredService<SqliteTranscriptions>()));
        return silo.AddOrleansTables(SqliteInvariant, source, options.Membership ? source : null);
    }

    private static ISiloBuilder AddPostgres(this ISiloBuilder silo, StorageOptions options)
    {
        var database = new PostgresDatabase(options);
        silo.Services.AddSingleton(_ => database);
        silo.Services.AddSingleton<PostgresMetricStore>();
        silo.Services.AddSingleton<IMetricStore>(services => services.GetRequiredService<PostgresMetricStore>());
        silo.Services.AddSingleton<IRunIndex, PostgresRunIndex>();
        silo.Services.AddSingleton<ITranscriptionStore>(services => new TranscriptionStore(new PostgresTranscriptions(services.GetRequiredService<PostgresDatabase>())));
        return silo.AddOrleansTables(PostgresInvariant, database.Records, options.Membership ? database.Membership : null);
    }

    private static ISiloBuilder AddOrleansTables(this ISiloBuilder silo, string invariant, DbDataSource records, DbDataSource? membership)
    {
        silo.AddAdoNetGrainStorageAsDefault(storage =>
        {
            storage.Invariant = invariant;
            storage.DataSource = records;
        });
        silo.UseAdoNetReminderService(reminders => reminders.Configure(o =>
        {
            o.Invariant = invariant;
            o.DataSource = records;
        }));
        if (membership is not null)
        {
            silo.UseAdoNetClustering(clustering =>
            {
                clustering.Invariant = invariant;
                clustering.DataSource = membership;
            });
        }
        return silo;
    }

    private sealed class SchemaAtStart(StorageOptions options, ILoggerFactory logs) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) =>
            lifecycle.Subscribe(nameof(SchemaAtStart), ServiceLifecycleStage.First, token => DatabaseSetup.PrepareAsync(options, logs, token));
    }
}
