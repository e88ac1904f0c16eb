//! The tools, one file each, and who may see them.

mod cancel_scrape_run;
mod get_scrape_run;
mod launch_scraper;
mod list_scrape_runs;
mod list_spiders;
mod preview_spider;
mod read_page;

use rmcp::handler::server::router::tool::ToolRouter;

use crate::ScrapeServer;

/// The tools of every role; a tool that is not here is neither listed nor callable.
pub(crate) fn for_viewers() -> ToolRouter<ScrapeServer> {
    ScrapeServer::list_spiders_tool()
        + ScrapeServer::get_scrape_run_tool()
        + ScrapeServer::list_scrape_runs_tool()
}

/// The tools of editors: those of everybody, and those that reach out.
pub(crate) fn for_editors() -> ToolRouter<ScrapeServer> {
    for_viewers()
        + ScrapeServer::launch_scraper_tool()
        + ScrapeServer::cancel_scrape_run_tool()
        + ScrapeServer::preview_spider_tool()
        + ScrapeServer::read_page_tool()
}
