"""Pages that show more than rows."""

from collections.abc import Mapping

from natwizard.gui.pages.administrator_page import AdministratorPage
from natwizard.gui.pages.checks_page import ChecksPage
from natwizard.gui.pages.media_page import MediaPage
from natwizard.model.finding import Page

PAGE_KINDS: Mapping[Page, type[ChecksPage]] = {
    Page.UDP_MEDIA: MediaPage,
    Page.ADMINISTRATOR: AdministratorPage,
}
