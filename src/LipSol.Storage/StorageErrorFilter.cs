using System.Data.Common;
using LipSol.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace LipSol.Storage;

/// <summary>Turns what a database provider throws within a grain into what its caller, on whichever node, can read: providers' exceptions have no serialiser.</summary>
internal sealed class StorageErrorFilter(ILogger<StorageErrorFilter> logger) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception e) when (IsOfDatabase(e))
        {
            logger.LogDebug(e, "{Grain} met an error of the database", context.TargetId);
            throw new StorageFailedException(
                StorageErrors.IsDiskFull(e) ? StorageFailure.DiskFull : StorageErrors.IsUnavailable(e) ? StorageFailure.Unavailable : StorageFailure.Other, e.Message);
        }
    }

    private static bool IsOfDatabase(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error is DbException || (error is AggregateException several && several.InnerExceptions.Any(IsOfDatabase))) return true;
        return false;
    }
}
